//! What the program is told from outside: flags, or environment variables that start with `WAYBILL_`.

use clap::{Args, Parser, Subcommand};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Waybill: an omnichannel order management system.
#[derive(Debug, Parser)]
#[command(name = "waybill", version, about)]
pub struct Cli {
    #[command(flatten)]
    pub store: Store,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Where data is kept.
#[derive(Clone, Debug, Args)]
pub struct Store {
    /// A Postgres of your own (15 or later). Left out, Waybill runs one for itself.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, global = true)]
    pub database_url: Option<String>,
    /// Folder for the built-in Postgres and payment gateway. As root /var/lib/waybill, else your data folder.
    #[arg(long, env = "WAYBILL_DATA_DIR", global = true)]
    pub data_dir: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the website, the REST interface and the background work (the default).
    Serve(Serve),
    /// Bring the database to the current schema, and stop.
    Migrate,
    /// Load the demo company into an empty database.
    Demo(Demo),
    /// Add somebody who can sign in, and print their password, once.
    User(User),
    /// Check every invariant; prints each violation and fails if there is one.
    Doctor,
    /// Make an API token and print it, once.
    Token {
        /// What it is for.
        name: String,
        /// What it may do, such as orders:read; all of them where left out.
        #[arg(long = "may")]
        permissions: Vec<String>,
    },
    /// Bring in data from other systems.
    #[command(subcommand)]
    Import(Import),
    /// Measure.
    #[command(subcommand)]
    Bench(Bench),
    /// Run the built-in payment gateway: a process of its own with a store of its own.
    #[command(hide = true)]
    Gateway(GatewayArgs),
}

#[derive(Clone, Debug, Args)]
pub struct Serve {
    /// Address to listen on.
    #[arg(long, env = "WAYBILL_LISTEN", default_value = "127.0.0.1:3000")]
    pub listen: SocketAddr,
    /// Folder with the built website (the `pkg` files and static files).
    #[arg(long, env = "WAYBILL_SITE_ROOT", default_value = "target/site")]
    pub site_root: PathBuf,
    /// A payment gateway that speaks the built-in one's protocol. Left out, Waybill runs its own.
    #[arg(long, env = "WAYBILL_GATEWAY_URL")]
    pub gateway_url: Option<String>,
    /// A mail server that messages to customers go through, such as smtps://user:password@mail.example.com. Left out, messages are kept and shown under
    /// Messages.
    #[arg(long, env = "WAYBILL_SMTP_URL", hide_env_values = true, requires = "mail_from")]
    pub smtp_url: Option<String>,
    /// Whom mail is from, such as "Shop <orders@example.com>".
    #[arg(long, env = "WAYBILL_MAIL_FROM")]
    pub mail_from: Option<String>,
    /// The website's address as customers see it, for links in mail. Left out, http:// and the address it listens on.
    #[arg(long, env = "WAYBILL_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// Lets webhooks call addresses inside this network too, and this machine. Left out, only public addresses are called.
    #[arg(long, env = "WAYBILL_WEBHOOKS_ANYWHERE")]
    pub webhooks_anywhere: bool,
    /// Load the demo company first, where the database is empty.
    #[arg(long, env = "WAYBILL_DEMO")]
    pub demo: bool,
    #[command(flatten)]
    pub company: Demo,
}

#[derive(Clone, Debug, Default, Args)]
pub struct Demo {
    /// The UCI Online Retail file: the demo company then has its year in place of made-up orders.
    #[arg(long, env = "WAYBILL_DATA")]
    pub data: Option<PathBuf>,
}

#[derive(Clone, Debug, Args)]
pub struct User {
    /// E-mail address to sign in with.
    pub email: String,
    #[arg(long)]
    pub name: String,
    /// admin, customer_service, store, warehouse, finance or executive.
    #[arg(long, default_value = "admin")]
    pub role: String,
    /// Code of the location where store and warehouse staff work.
    #[arg(long)]
    pub location: Option<String>,
}

impl Default for Serve {
    fn default() -> Self {
        let listen = SocketAddr::from(([127, 0, 0, 1], 3000));
        Self {
            listen,
            site_root: PathBuf::from("target/site"),
            gateway_url: None,
            smtp_url: None,
            mail_from: None,
            public_url: None,
            webhooks_anywhere: false,
            demo: false,
            company: Demo::default(),
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Import {
    /// The UCI Online Retail data: a year of a real retailer. CSV, or CSV compressed with zstd.
    OnlineRetail {
        #[arg(env = "WAYBILL_DATA")]
        file: PathBuf,
        /// Where to write the lines that were not taken, each with its reason.
        #[arg(long, default_value = "online-retail-rejected.csv")]
        report: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub enum Bench {
    /// Orders a second through the REST interface of a running server, with latencies. For a database that may be thrown away: it stocks up,
    /// limits every location and leaves its orders behind.
    Intake {
        /// The server's address.
        #[arg(long, default_value = "http://127.0.0.1:3000")]
        url: String,
        /// Orders to send in each round.
        #[arg(long, default_value_t = 2_000)]
        orders: usize,
        /// Rounds: how many clients send at once.
        #[arg(long, value_delimiter = ',', default_value = "8,32,64")]
        clients: Vec<usize>,
        /// Over how many SKUs the orders are spread; 1 is one hot SKU.
        #[arg(long, default_value_t = 20_000)]
        skus: i32,
    },
    /// How long promises take: through HTTP at a fixed rate beside a call that has nothing to plan, and how planning grows with locations and lines. For a
    /// database that may be thrown away: it opens stores and stocks them.
    Promise {
        /// The server's address.
        #[arg(long, default_value = "http://127.0.0.1:3000")]
        url: String,
        /// Baskets a second, whether the server keeps up or not.
        #[arg(long, default_value_t = 50)]
        rate: u32,
        #[arg(long, default_value_t = 20)]
        seconds: u32,
    },
    /// Plans a second on one processor, without and with a trace, for the latest orders of the database over a network that is made for it; beside a bare
    /// loop that computes the distances only. How that grows with locations, lines and rules.
    Routing,
    /// Seconds and memory that simulating the latest days of the database takes: by what was in force, which has to give each decision again, and by other
    /// rules; beside reading the decisions only.
    Simulation {
        #[arg(long, default_value_t = 366)]
        days: u32,
    },
    /// How well orders are split: cost over the bound of a linear program on the small instance of the literature (Jasin & Sinha 2015, Ma 2023), for our
    /// router and for the literature's policies.
    Literature {
        /// A folder with `fulfilment-centres-5.csv` and `metros-10.csv`.
        #[arg(long)]
        data: PathBuf,
        #[arg(long, default_value_t = 30)]
        networks: u64,
        #[arg(long, default_value_t = 30)]
        runs: u64,
    },
    /// The history replayed: what would have been promised of each parcel, and whether it would have come true.
    Kept {
        /// Code of the way of delivery; the first where left out.
        #[arg(long)]
        method: Option<String>,
    },
    /// Stock of everything at moments of the past, beside a plain scan of the ledgers. Closes the months that are over first.
    AsOf {
        /// Over so many moments, spread evenly over all that the database knows of.
        #[arg(long, default_value_t = 100)]
        moments: u32,
    },
    /// Time to the first byte of a customer's tracking page, beside a handler that does nothing.
    Page {
        /// The server's address.
        #[arg(long, default_value = "http://127.0.0.1:3000")]
        url: String,
        #[arg(long, default_value_t = 1_000)]
        requests: usize,
    },
}

#[derive(Clone, Debug, Args)]
pub struct GatewayArgs {
    #[arg(long)]
    pub store: PathBuf,
    #[arg(long, default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// Where late decisions are reported.
    #[arg(long)]
    pub callback: Option<String>,
    /// Signs the reports.
    #[arg(long, env = "WAYBILL_GATEWAY_KEY", hide_env_values = true)]
    pub key: String,
}
