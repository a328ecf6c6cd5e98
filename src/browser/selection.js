// Ticking events: one box takes the page, shift-click a range, Escape
// clears, and the bar says how many are selected.
export function startSelection(form) {
  const boxes = [...form.querySelectorAll('input[name="event_id"]')];
  const scope = form.querySelector("#scope");
  const selected = form.querySelector("#selected");
  const all = form.querySelector("#tick-all");
  const clear = form.querySelector("#clear");
  let last = null;

  const show = () => {
    const count = boxes.filter((box) => box.checked).length;
    const everything = scope?.checked ?? false;
    all.checked = count === boxes.length;
    all.indeterminate = count > 0 && count < boxes.length;
    boxes.forEach((box) => {
      box.disabled = everything;
      box.closest("tr").classList.toggle("ticked", everything || box.checked);
    });
    all.disabled = everything;
    const shown = everything ? form.querySelector("#scope-count").textContent : count.toLocaleString("en");
    selected.textContent = everything || count > 0 ? `${shown} selected` : "";
    clear.hidden = !everything && count === 0;
  };
  const untick = () => {
    boxes.forEach((box) => (box.checked = false));
    if (scope) scope.checked = false;
    show();
  };

  all.closest("label").hidden = false;
  all.addEventListener("change", () => {
    boxes.forEach((box) => (box.checked = all.checked));
    show();
  });

  boxes.forEach((box, index) =>
    box.addEventListener("click", (event) => {
      if (event.shiftKey && last !== null) {
        const [from, to] = [Math.min(last, index), Math.max(last, index)];
        boxes.slice(from, to + 1).forEach((between) => (between.checked = box.checked));
      }
      last = index;
      show();
    }),
  );
  scope?.addEventListener("change", show);
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") untick();
  });
  clear.addEventListener("click", () => {
    untick();
    all.focus(); // the button is gone
  });
  addEventListener("pageshow", show); // the back button restores ticks
  show();
}
