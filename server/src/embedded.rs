//! The built-in Postgres: found on the machine, kept in a private cluster, run as a child, never as root.
//!
//! A lock file of our own tells a second start from an orphan: while a Waybill lives it holds the lock; a Postgres that runs without one was
//! left behind by a `kill -9`, and is adopted.

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, User};
use sqlx::postgres::PgConnectOptions;
use std::fs::{self, File};
use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const OWNER: &str = "waybill";
const DATABASE: &str = "waybill";
const OLDEST_VERSION: u32 = 15;
const START_PATIENCE: Duration = Duration::from_secs(60);
const STOP_PATIENCE: Duration = Duration::from_secs(60);
/// A Postgres that dies sooner than this is not started again at once.
const LEAST_LIFE: Duration = Duration::from_secs(2);

/// A running private cluster. Stop it with [`Cluster::stop`]; dropped without, it keeps running and the next start adopts it.
#[derive(Debug)]
pub struct Cluster {
    pub options: PgConnectOptions,
    /// None for a command that works beside a running server.
    watch: Option<Watch>,
}

/// Held as long as this Waybill lives: the lock, and the thread that starts Postgres again should it die.
#[derive(Debug)]
struct Watch {
    _lock: File,
    state: Arc<Mutex<Watched>>,
    thread: JoinHandle<()>,
}

#[derive(Debug)]
struct Watched {
    /// None while there is no process: it has died and is not started again yet.
    pid: Option<Pid>,
    /// Since when it has been asked to stop.
    stopping: Option<Instant>,
}

/// All that it takes to start the cluster, again and again on the same port.
#[derive(Debug)]
struct Launch {
    dir: PathBuf,
    data: PathBuf,
    bin: PathBuf,
    user: Option<User>,
    socket: Option<PathBuf>,
    port: u16,
}

/// A Postgres process: ours, or one that an earlier Waybill left.
#[derive(Debug)]
enum Process {
    Child(Child),
    Adopted(Pid),
}

/// The folder for everything the program keeps by itself.
pub fn data_dir(chosen: Option<&Path>) -> PathBuf {
    if let Some(dir) = chosen {
        return dir.to_owned();
    }
    if nix::unistd::geteuid().is_root() {
        return PathBuf::from("/var/lib/waybill");
    }
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    if cfg!(target_os = "macos") {
        home.join("Library/Application Support/waybill")
    } else {
        std::env::var_os("XDG_DATA_HOME").map_or_else(|| home.join(".local/share"), PathBuf::from).join("waybill")
    }
}

/// Starts the cluster in `dir`, or adopts the one that runs there. Where a Waybill runs on it already, a second one is refused, unless it is
/// a `guest`: a command that only uses the database.
pub fn start(dir: &Path, guest: bool) -> Result<Cluster> {
    fs::create_dir_all(dir).with_context(|| format!("making the data folder {}", dir.display()))?;
    let lock = match take_lock(dir) {
        Ok(lock) => Some(lock),
        Err(_) if guest && running(&dir.join("postgres")).is_some() => None,
        Err(error) => return Err(error),
    };
    let user = unprivileged_user()?;
    let data = dir.join("postgres");
    let password = password(dir)?;
    if !data.join("PG_VERSION").exists() {
        let bin = newest_binaries()?;
        println!("Making a Postgres cluster in {} ({})", data.display(), bin.display());
        init(&bin, &data, dir, user.as_ref())?;
    }
    let version: u32 = fs::read_to_string(data.join("PG_VERSION"))?.trim().parse().context("reading the cluster's PG_VERSION")?;
    let socket = socket_dir(dir, user.as_ref())?;
    let options = |port| {
        let options = PgConnectOptions::new().host("127.0.0.1").port(port).username(OWNER).password(&password).database(DATABASE);
        match &socket {
            Some(path) => options.socket(path),
            None => options,
        }
    };
    let found = running(&data);
    let Some(lock) = lock else {
        let (_, port) = found.context("the Postgres of the running Waybill has just stopped: try again")?;
        return Ok(Cluster { options: options(port), watch: None });
    };
    let port = match found {
        Some((_, port)) => port,
        None => TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port(),
    };
    let options = options(port);
    let launch = Launch { dir: dir.to_owned(), bin: binaries_of(version)?, data, user, socket, port };
    let process = match found {
        Some((pid, _)) => {
            println!("Adopting the Postgres that an earlier Waybill left running (process {pid})");
            // It may still be recovering: then it has a port, but takes no sessions.
            launch.wait_until_ready(pid, || Ok((!is_alive(pid)).then(|| "killed meanwhile".to_owned())))?;
            Process::Adopted(pid)
        }
        None => {
            wait_for_orphans(&launch.data)?;
            let mut child = launch.spawn()?;
            launch.wait_until_ready(pid_of(&child), || Ok(child.try_wait()?.map(|status| status.to_string())))?;
            Process::Child(child)
        }
    };
    let state = Arc::new(Mutex::new(Watched { pid: Some(process.pid()), stopping: None }));
    let thread = std::thread::spawn({
        let state = Arc::clone(&state);
        move || watch(&launch, process, &state)
    });
    Ok(Cluster { options, watch: Some(Watch { _lock: lock, state, thread }) })
}

/// Waits for the end of Postgres, and starts it again where nobody has asked for the end.
fn watch(launch: &Launch, mut process: Process, state: &Mutex<Watched>) {
    let lock = || state.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let started = Instant::now();
        process.wait(state);
        {
            let mut watched = lock();
            if watched.stopping.is_some() {
                return;
            }
            watched.pid = None;
        }
        tracing::error!(process = %process.pid(), "Postgres has ended by itself and is started again");
        if started.elapsed() < LEAST_LIFE {
            std::thread::sleep(LEAST_LIFE);
        }
        process = loop {
            let orphans = wait_for_orphans(&launch.data);
            let mut watched = lock();
            if watched.stopping.is_some() {
                return;
            }
            // Not waited for until it is ready: it may have a long log to replay, and its sessions are tried until they succeed.
            match orphans.and_then(|()| launch.spawn()) {
                Ok(child) => {
                    watched.pid = Some(pid_of(&child));
                    break Process::Child(child);
                }
                Err(error) => tracing::error!(%error, "Postgres does not start; it is tried again"),
            }
            drop(watched);
            std::thread::sleep(LEAST_LIFE);
        };
    }
}

fn pid_of(child: &Child) -> Pid {
    Pid::from_raw(child.id().cast_signed())
}

/// Whether a process runs. One that is dead and that nobody has collected (a zombie) does not.
fn is_alive(pid: Pid) -> bool {
    let state = fs::read_to_string(format!("/proc/{pid}/stat")).ok();
    let is_zombie = state.is_some_and(|text| text.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z')));
    kill(pid, None).is_ok() && !is_zombie
}

impl Process {
    fn pid(&self) -> Pid {
        match self {
            Self::Child(child) => pid_of(child),
            Self::Adopted(pid) => *pid,
        }
    }

    fn wait(&mut self, state: &Mutex<Watched>) {
        match self {
            // It fails only where the process is gone already.
            Self::Child(child) => drop(child.wait()),
            // Not our child: there is no event to wait for.
            Self::Adopted(pid) => {
                while is_alive(*pid) {
                    let stopping = state.lock().unwrap_or_else(PoisonError::into_inner).stopping;
                    if stopping.is_some_and(|since| since.elapsed() > STOP_PATIENCE) {
                        tracing::error!(process = %pid, "Postgres did not stop within a minute and is left running");
                        return;
                    }
                    std::thread::sleep(Duration::from_millis(100));
                }
            }
        }
    }
}

impl Launch {
    fn spawn(&self) -> Result<Child> {
        let log = File::options().create(true).append(true).open(self.dir.join("postgres.log"))?;
        let mut command = Command::new(self.bin.join("postgres"));
        command
            .arg("-D")
            .arg(&self.data)
            .args(["-p", &self.port.to_string(), "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200"])
            .arg("-c")
            .arg(format!("unix_socket_directories={}", self.socket.as_deref().unwrap_or(Path::new("")).display()))
            .args(["-c", "shared_buffers=256MB", "-c", "effective_io_concurrency=0"])
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            // A Ctrl-C at the terminal is for us; we then stop Postgres in order.
            .process_group(0);
        as_user(&mut command, self.user.as_ref());
        command.spawn().with_context(|| format!("starting {}", self.bin.join("postgres").display()))
    }

    /// Postgres writes its process into the first line of postmaster.pid and its status into the eighth; there is nothing else to wait on.
    /// The file of a killed predecessor may still say that that one is ready. `ended` says how the process came to an end, if it did.
    fn wait_until_ready(&self, pid: Pid, mut ended: impl FnMut() -> Result<Option<String>>) -> Result<()> {
        let log = || self.dir.join("postgres.log").display().to_string();
        let until = Instant::now() + START_PATIENCE;
        loop {
            if let Some(how) = ended()? {
                bail!("Postgres stopped while starting ({how}). Its words are in {}", log());
            }
            let text = fs::read_to_string(self.data.join("postmaster.pid")).unwrap_or_default();
            let line = |n: usize| text.lines().nth(n).unwrap_or_default().trim();
            if line(0) == pid.to_string() && line(7) == "ready" {
                return Ok(());
            }
            if Instant::now() > until {
                bail!("Postgres was not ready within a minute; it goes on, so try again later. Its words are in {}", log());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Cluster {
    /// Stops Postgres in order: sessions are ended, everything is written.
    pub fn stop(self) -> Result<()> {
        let Some(watch) = self.watch else { return Ok(()) };
        {
            let mut watched = watch.state.lock().unwrap_or_else(PoisonError::into_inner);
            watched.stopping = Some(Instant::now());
            if let Some(pid) = watched.pid {
                // SIGINT is Postgres's "fast shutdown". It fails only where the process is gone already.
                let _sent_or_gone = kill(pid, Signal::SIGINT);
            }
        }
        watch.thread.join().map_err(|_| anyhow::anyhow!("the thread that watches Postgres has failed"))
    }
}

/// Where the cluster's socket lives: a socket is quicker than TCP, above all for COPY. None where the path would be too long for one.
fn socket_dir(dir: &Path, user: Option<&User>) -> Result<Option<PathBuf>> {
    // The name in it is `.s.PGSQL.` and the port; a socket's whole path has at most 107 bytes.
    let path = std::path::absolute(dir.join("run"))?;
    if path.as_os_str().len() > 85 || path.to_string_lossy().contains([',', '"']) {
        return Ok(None);
    }
    fs::create_dir_all(&path)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700))?;
    if let Some(user) = user {
        chown(&path, Some(user.uid.as_raw()), Some(user.gid.as_raw()))?;
        fs::set_permissions(dir, fs::Permissions::from_mode(0o755))?;
    }
    Ok(Some(path))
}

fn take_lock(dir: &Path) -> Result<File> {
    let path = dir.join("waybill.lock");
    let mut file = File::options().create(true).truncate(false).read(true).write(true).open(&path)?;
    if file.try_lock().is_err() {
        let holder = fs::read_to_string(&path).unwrap_or_default();
        bail!(
            "Waybill is already running on {} (process {}). Stop it first, or choose another folder with --data-dir.",
            dir.display(),
            holder.trim()
        );
    }
    file.set_len(0)?;
    writeln!(file, "{}", std::process::id())?;
    Ok(file)
}

/// Postgres refuses to run as root; then it runs as `postgres`, or `nobody`.
fn unprivileged_user() -> Result<Option<User>> {
    if !nix::unistd::geteuid().is_root() {
        return Ok(None);
    }
    for name in ["postgres", "nobody"] {
        if let Some(user) = User::from_name(name)? {
            return Ok(Some(user));
        }
    }
    bail!("Postgres does not run as root, and this machine has neither the user postgres nor nobody. Start Waybill as an ordinary user.")
}

fn as_user(command: &mut Command, user: Option<&User>) {
    if let Some(user) = user {
        command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
    }
}

fn password(dir: &Path) -> Result<String> {
    let path = dir.join("postgres-password");
    if let Ok(text) = fs::read_to_string(&path) {
        return Ok(text.trim().to_owned());
    }
    let password = waybill::random_token();
    fs::write(&path, &password)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
    Ok(password)
}

/// Makes the cluster in a folder beside its place and moves it there when it is whole, so that a half-made one is never used.
fn init(bin: &Path, data: &Path, dir: &Path, user: Option<&User>) -> Result<()> {
    let half_made = dir.join("postgres.new");
    if half_made.exists() {
        fs::remove_dir_all(&half_made)?;
    }
    fs::create_dir(&half_made)?;
    // initdb reads the password as the other user.
    let secret = half_made.with_extension("pw");
    fs::copy(dir.join("postgres-password"), &secret)?;
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600))?;
    if let Some(user) = user {
        chown(&half_made, Some(user.uid.as_raw()), Some(user.gid.as_raw()))?;
        chown(&secret, Some(user.uid.as_raw()), Some(user.gid.as_raw()))?;
        fs::set_permissions(dir, fs::Permissions::from_mode(0o755))?;
    }
    let mut command = Command::new(bin.join("initdb"));
    command
        .args(["-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "-U", OWNER])
        .arg(format!("--pwfile={}", secret.display()))
        .arg("-D")
        .arg(&half_made)
        .current_dir("/");
    as_user(&mut command, user);
    let output = command.output().with_context(|| format!("running {}", bin.join("initdb").display()))?;
    fs::remove_file(&secret)?;
    if !output.status.success() {
        bail!("initdb failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    // The database itself is made in single-user mode: no server, no port, no race.
    let mut single = Command::new(bin.join("postgres"));
    single
        .args(["--single", "-D"])
        .arg(&half_made)
        .arg("postgres")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .current_dir("/");
    as_user(&mut single, user);
    let mut child = single.spawn()?;
    if let Some(mut input) = child.stdin.take() {
        writeln!(input, "create database {DATABASE}")?;
    }
    if !child.wait()?.success() {
        bail!("making the database failed");
    }
    fs::rename(&half_made, data)?;
    Ok(())
}

/// The process and port of a Postgres that runs on this cluster.
fn running(data: &Path) -> Option<(Pid, u16)> {
    let text = fs::read_to_string(data.join("postmaster.pid")).ok()?;
    let mut lines = text.lines();
    let pid = Pid::from_raw(lines.next()?.trim().parse().ok()?);
    let port = lines.nth(2)?.trim().parse().ok()?;
    // A process of that number may be something else by now: only one that answers on the port is ours.
    (is_alive(pid) && std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()).then_some((pid, port))
}

/// After a `kill -9` of Postgres its sessions need a moment to notice; it refuses to start while one is left.
fn wait_for_orphans(data: &Path) -> Result<()> {
    let Some(pid) = fs::read_to_string(data.join("postmaster.pid")).ok().and_then(|text| text.lines().next()?.trim().parse::<i32>().ok()) else {
        return Ok(());
    };
    let mark = data.to_string_lossy().into_owned();
    let until = Instant::now() + START_PATIENCE;
    // Sessions are renamed ("postgres: waybill ..."), so they are known by their working folder, which is the cluster's.
    let orphans = || {
        fs::read_dir("/proc").into_iter().flatten().flatten().any(|process| {
            fs::read_link(process.path().join("cwd")).is_ok_and(|cwd| cwd.to_string_lossy() == mark.as_str())
                && process.file_name().to_string_lossy() != pid.to_string()
        })
    };
    while orphans() {
        if Instant::now() > until {
            bail!("sessions of a killed Postgres are still running on {}", data.display());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// Folders that may hold Postgres programs, with the likely ones first.
fn binary_folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = std::env::var_os("WAYBILL_PG_BIN").map(PathBuf::from).into_iter().collect();
    if let Ok(output) = Command::new("pg_config").arg("--bindir").output() {
        folders.push(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    }
    for pattern in ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"] {
        folders.extend(fs::read_dir(pattern).into_iter().flatten().flatten().map(|e| e.path().join("bin")));
    }
    // npm's bundle, where bin/setup has put it.
    let cache = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache/waybill/postgres/bin"));
    folders.extend(cache);
    folders.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths));
    folders.retain(|f| f.join("postgres").is_file() && f.join("initdb").is_file());
    folders
}

fn version_of(bin: &Path) -> Option<u32> {
    let output = Command::new(bin.join("postgres")).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.split_whitespace().find_map(|word| word.split('.').next()?.parse().ok())
}

fn newest_binaries() -> Result<PathBuf> {
    binary_folders()
        .into_iter()
        .filter_map(|bin| Some((version_of(&bin)?, bin)))
        .filter(|(version, _)| *version >= OLDEST_VERSION)
        .max_by_key(|(version, _)| *version)
        .map(|(_, bin)| bin)
        .context("No Postgres 15 or later was found. Install one (Debian: apt-get install postgresql; macOS: brew install postgresql@18), run bin/setup, or set DATABASE_URL.")
}

fn binaries_of(version: u32) -> Result<PathBuf> {
    binary_folders().into_iter().find(|bin| version_of(bin) == Some(version)).with_context(|| {
        format!(
            "The data was made by Postgres {version}, and its programs are gone. Install Postgres {version}, or name their folder in WAYBILL_PG_BIN."
        )
    })
}
