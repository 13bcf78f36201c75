// Holds the browser's one event stream and passes what comes to every tab.
const tabs = new Map();
let source;
let open = "";

const send = (message) => { for (const port of tabs.keys()) port.postMessage(message); };

const connect = () => {
  const wanted = [...new Set([...tabs.values()].flat())].sort().join(",");
  if (wanted === open) return;
  open = wanted;
  source?.close();
  source = undefined;
  if (!wanted) return;
  source = new EventSource("/live?topics=" + encodeURIComponent(wanted));
  source.onopen = () => send({ state: "on" });
  source.onerror = () => {
    send({ state: "lost" });
    // The browser gives up on some answers; then it is for us to try again.
    if (source.readyState === EventSource.CLOSED) {
      open = "";
      setTimeout(connect, 2000);
    }
  };
  source.onmessage = (event) => send(JSON.parse(event.data));
};

self.onconnect = (event) => {
  const port = event.ports[0];
  port.onmessage = (message) => {
    if (message.data.length) tabs.set(port, message.data); else tabs.delete(port);
    connect();
    // A tab that joins an open stream is told so: nothing else would tell it.
    if (source?.readyState === EventSource.OPEN) port.postMessage({ state: "on" });
  };
  port.start();
};
