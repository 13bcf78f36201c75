// Makes the plain pages of customers smoother. Without it everything works, with whole page loads.
(() => {
  const parse = async (response) => new DOMParser().parseFromString(await response.text(), "text/html");

  // Times in the reader's own zone; exact ones stay on hover.
  const localise = (root) => {
    for (const time of root.querySelectorAll("time[datetime]")) {
      time.textContent = new Date(time.dateTime).toLocaleString("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
    }
  };

  // Choices are told apart by the first word of their values: the rest is what was shown of them, and may have changed.
  const word = (value) => value.split(" ")[0];
  const key = (f) => f.type === "radio" ? `${f.name} ${word(f.value)}` : f.id || f.name;
  // What nobody has touched is as the new page has it.
  const changed = (f) => f.options ? [...f.options].some((o) => o.selected !== o.defaultSelected) : f.value !== f.defaultValue || f.checked !== f.defaultChecked;
  const touched = (f) => "touched" in f.dataset || changed(f);
  const choose = (f, value) => {
    const options = [...f.options];
    const same = options.find((o) => o.value === value) ?? options.find((o) => word(o.value) === word(value));
    if (same) f.value = same.value;
  };

  // Puts the new page's content in place of the old, keeping where the reader is and, unless it was taken in, what was typed.
  const show = (page, keep = true) => {
    const fields = keep ? [...document.querySelectorAll("main [name]:not([type=hidden])")] : [];
    const typed = new Map(fields.map((f) => [key(f), f]));
    const focused = document.activeElement?.id;
    const main = document.importNode(page.querySelector("main"), true);
    for (const field of main.querySelectorAll("[name]:not([type=hidden])")) {
      const before = typed.get(key(field));
      if (!before || !touched(before)) continue;
      if (field.type === "checkbox") field.checked = before.checked;
      // What was chosen and cannot be any more leaves what the page has chosen.
      else if (field.type === "radio") field.checked ||= before.checked && !field.disabled;
      else if (field.options) choose(field, before.value);
      else field.value = before.value;
      field.dataset.touched = "";
    }
    for (const open of document.querySelectorAll("main details[open]")) {
      const same = [...main.querySelectorAll("details")].find((d) => d.querySelector("summary")?.textContent === open.querySelector("summary")?.textContent);
      if (same) same.open = true;
    }
    localise(main);
    document.querySelector("main").replaceWith(main);
    // Whoever has signed in or out is offered other places.
    const [bar, before] = [page, document].map((d) => d.querySelector(".site-header"));
    if (bar && before && bar.innerHTML !== before.innerHTML) before.replaceWith(document.importNode(bar, true));
    document.title = page.title;
    (main.querySelector("[aria-invalid=true]") ?? main.querySelector("[role=alert]") ?? (focused && document.getElementById(focused)))?.focus?.();
    main.querySelector("[role=alert]")?.scrollIntoView({ block: "center" });
  };

  // Something the page is about has changed: read it again. One at a time; what comes meanwhile is read once more afterwards.
  let reading = false, again = false;
  window.addEventListener("waybill:live", async () => {
    if (reading) { again = true; return; }
    reading = true;
    do {
      again = false;
      const response = await fetch(location.href, { headers: { accept: "text/html" } }).catch(() => undefined);
      if (response?.ok) show(await parse(response));
    } while (again);
    reading = false;
  });

  // Forms keep what was typed when the answer is an error.
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    event.preventDefault();
    const button = event.submitter ?? form.querySelector("button");
    if (button) { button.disabled = true; button.setAttribute("aria-busy", "true"); }
    const body = new URLSearchParams(new FormData(form));
    const response = await fetch(form.action, { method: "post", body, headers: { accept: "text/html" }, referrerPolicy: "same-origin" }).catch(() => undefined);
    const target = response && new URL(response.url);
    if (!response) {
      form.submit();
    } else if (target.pathname === location.pathname) {
      // No navigation: whoever has meanwhile gone elsewhere is not fetched back.
      show(await parse(response), "keep" in form.dataset || target.searchParams.has("__err"));
    } else {
      location.assign(target.pathname + target.search);
    }
    if (button) { button.disabled = false; button.removeAttribute("aria-busy"); }
  });

  localise(document);
})();
