// One event stream for all tabs of a browser: HTTP/1.1 allows six connections, and people open more tabs than that.
// A page says what it is about with data-live="topic"; when that changes, a "waybill:live" event is sent to the window.
(() => {
  // Until the page is alive (frontend/src/lib.rs), links are the browser's own business.
  const root = document.documentElement;
  window.addEventListener("click", (event) => { if (!("alive" in root.dataset)) event.stopPropagation(); }, true);

  const state = (text) => { root.dataset.liveState = text; };
  const announce = (message) => {
    if (message.state) return state(message.state);
    const wanted = topics();
    if (message.topic === "all" || wanted.includes(message.topic)) {
      window.dispatchEvent(new CustomEvent("waybill:live", { detail: message }));
    }
  };
  const topics = () => [...new Set([...document.querySelectorAll("[data-live]")].map((e) => e.dataset.live))];

  let tell;
  if (window.SharedWorker) {
    const worker = new SharedWorker("/live-worker.js", "waybill-live");
    worker.port.onmessage = (event) => announce(event.data);
    worker.port.start();
    tell = (wanted) => worker.port.postMessage(wanted);
    window.addEventListener("pagehide", () => tell([]));
    window.addEventListener("pageshow", (event) => { if (event.persisted) tell(topics()); });
  } else {
    let source;
    tell = (wanted) => {
      source?.close();
      if (!wanted.length) return;
      source = new EventSource("/live?topics=" + encodeURIComponent(wanted.join(",")));
      source.onopen = () => state("on");
      source.onerror = () => state("lost");
      source.onmessage = (event) => announce(JSON.parse(event.data));
    };
  }

  let known = "";
  const look = () => {
    const wanted = topics();
    const text = wanted.join(",");
    if (text !== known) {
      known = text;
      tell(wanted);
    }
  };
  // An error that appears out of sight is brought into it; the first wrong field gets the focus.
  const showErrors = (changes) => {
    const alert = changes.flatMap((c) => [...c.addedNodes]).map((n) => (n.matches?.("[role=alert]") ? n : n.querySelector?.("[role=alert]"))).find(Boolean);
    if (!alert || !("alive" in root.dataset)) return;
    requestAnimationFrame(() => {
      alert.scrollIntoView({ block: "nearest" });
      alert.closest("form")?.querySelector("[aria-invalid=true]")?.focus({ preventScroll: true });
    });
  };
  new MutationObserver((changes) => { look(); showErrors(changes); }).observe(document.documentElement, { subtree: true, childList: true, attributeFilter: ["data-live"] });
  look();
})();
