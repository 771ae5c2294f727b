// A clock of the page that moves only when a test says so: timers, performance.now and Date.now.
window.clock = (() => {
  let now = performance.now(), last = 0;
  const timers = new Map();
  window.setTimeout = (work, wait = 0, ...rest) => {
    timers.set(++last, { at: now + Number(wait || 0), work: () => work(...rest) });
    return last;
  };
  window.clearTimeout = (id) => void timers.delete(id);
  performance.now = () => now;
  const begin = Date.now() - now;
  Date.now = () => begin + now;
  performance.measure = () => {};
  return {
    async tick(milliseconds) {
      const end = now + milliseconds;
      for (;;) {
        const next = [...timers].filter(([, timer]) => timer.at <= end).sort((a, b) => a[1].at - b[1].at || a[0] - b[0])[0];
        if (!next) break;
        timers.delete(next[0]);
        now = Math.max(now, next[1].at);
        next[1].work();
        await null;
      }
      now = end;
    },
  };
})();
