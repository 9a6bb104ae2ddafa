// What a page gains with JavaScript. Nothing here is needed: without it the grid is one form with one button.
"use strict";

document.documentElement.classList.add("js");

// The user menu closes like a menu: Escape, or a click elsewhere.
document.addEventListener("keydown", (event) => {
  const menu = document.querySelector(".menu[open]");
  if (event.key === "Escape" && menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  const menu = document.querySelector(".menu[open]");
  if (menu && !menu.contains(event.target)) menu.open = false;
});

// Room left in a text: said beside it, and aloud only when it runs short.
for (const area of document.querySelectorAll("textarea[data-counter]")) {
  const line = document.getElementById(area.dataset.counter);
  const show = () => {
    const left = area.maxLength - area.value.length;
    line.textContent = `${left} caractère${left > 1 ? "s" : ""} restant${left > 1 ? "s" : ""}`;
    line.setAttribute("aria-live", left < 50 ? "polite" : "off");
  };
  area.addEventListener("input", show);
  show();
}

// A list that is put in order: a line is dragged among those that stand beside it. Its buttons do the same, and need
// nothing of this.
for (const list of document.querySelectorAll("ol[data-order]")) startOrder(list);

function startOrder(list) {
  const lines = () => [...list.querySelectorAll("[data-code]")];
  const beside = (one, other) => (one.dataset.under ?? "") === (other.dataset.under ?? "");
  let dragged = null;
  const clear = () => lines().forEach((line) => line.classList.remove("is-before", "is-after", "is-dragged"));
  // Where it would land: before this line, or after it.
  const after = (line, event) => {
    const box = line.getBoundingClientRect();
    return event.clientY > box.top + box.height / 2;
  };
  for (const line of lines()) line.draggable = true;
  list.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("[data-code]");
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.code);
    dragged.classList.add("is-dragged");
  });
  list.addEventListener("dragover", (event) => {
    const line = event.target.closest("[data-code]");
    if (!dragged || !line || line === dragged || !beside(line, dragged)) return;
    event.preventDefault();
    lines().forEach((it) => it.classList.remove("is-before", "is-after"));
    line.classList.add(after(line, event) ? "is-after" : "is-before");
  });
  list.addEventListener("drop", (event) => {
    const line = event.target.closest("[data-code]");
    if (!dragged || !line || line === dragged || !beside(line, dragged)) return;
    event.preventDefault();
    const siblings = lines().filter((it) => beside(it, dragged) && it !== dragged);
    const next = after(line, event) ? siblings[siblings.indexOf(line) + 1] : line;
    const form = document.createElement("form");
    form.method = "post";
    form.action = `${list.dataset.order}/${dragged.dataset.code}/move`;
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = "before";
    field.value = next?.dataset.code ?? "";
    form.append(field);
    document.body.append(form);
    form.requestSubmit();
  });
  list.addEventListener("dragend", () => { dragged = null; clear(); });
}

// After a move, focus comes back to the button that was pressed, or to the other one where the list ends.
const pressed = /^#(up|down)-(.+)$/.exec(decodeURIComponent(location.hash));
if (pressed) {
  const [, way, rest] = pressed;
  const button = document.getElementById(`${way}-${rest}`) ?? document.getElementById(`${way === "up" ? "down" : "up"}-${rest}`);
  button?.focus();
}

const grid = document.querySelector("form[data-grid]");
if (grid) startGrid(grid);

function startGrid(form) {
  const status = form.querySelector("[role=status]");
  const rows = () => [...form.querySelectorAll("tbody.entry")];
  const fields = (row) => [...row.querySelectorAll("input:not([type=hidden]), select, textarea")];
  const columns = (row) => [...row.querySelectorAll("[data-col]")];
  const rowOf = (node) => node?.closest?.("tbody.entry");
  const say = (text) => { status.textContent = text; };
  let leaving = false;

  const touched = (field) =>
    field.type === "radio" ? field.checked !== field.defaultChecked
    : field.options ? [...field.options].some((option) => option.selected !== option.defaultSelected)
    : field.value !== field.defaultValue;
  const changed = (row) => fields(row).some(touched);
  const mark = (row) => row.classList.toggle("is-changed", changed(row));

  // A figure as people type it; the server judges, this only spares a trip. One reading of domain §2.
  const read = (text) => {
    const bare = text.replace(/[\s\u00a0\u202f\u2009]/g, "");
    if (bare === "") return { skip: true };
    if (/^(nr|n\.?d\.?)$/i.test(bare)) return { status: "NR" };
    if (/^(na|s\.?o\.?)$/i.test(bare)) return { status: "NA" };
    return /^[-\u2212]?\d+([.,]\d+)?%?$/.test(bare) ? { value: text.trim() } : { refused: true };
  };
  const number = (text) => {
    const bare = text.replace(/[\s\u00a0\u202f\u2009]/g, "").replace("\u2212", "-").replace(",", ".");
    return /^-?\d+(\.\d+)?$/.test(bare) ? Number(bare) : NaN;
  };

  // For a rate the value is the quotient, never typed: show it as the two numbers are.
  const quotient = (row) => {
    const out = row.querySelector("output");
    if (!out) return;
    const top = number(row.querySelector('[data-part="numerator"]').value);
    const bottom = number(row.querySelector('[data-part="denominator"]').value);
    out.textContent = Number.isFinite(top / bottom)
      ? `= ${(100 * top / bottom).toLocaleString("fr-FR", { maximumFractionDigits: 2 })}\u202f%` : "";
  };

  form.addEventListener("input", (event) => {
    const row = rowOf(event.target);
    if (!row) return;
    mark(row);
    quotient(row);
  });

  // Keyboard: the sheet's habits.
  form.addEventListener("keydown", (event) => {
    const field = event.target;
    const row = rowOf(field);
    if (!row || event.isComposing || !field.matches("input[data-col]")) return;
    const step = event.key === "Enter" ? (event.shiftKey ? -1 : 1)
      : event.altKey || event.ctrlKey || event.metaKey ? 0
      : event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (!step) return;
    event.preventDefault();
    const all = rows();
    const column = columns(row).indexOf(field);
    for (let at = all.indexOf(row) + step; all[at]; at += step) {
      const next = columns(all[at]).filter((one) => one.matches("input"));
      if (next.length) {
        const goal = next[Math.min(column, next.length - 1)];
        goal.focus();
        goal.select();
        return;
      }
    }
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.key.toLowerCase() !== "s") return;
    event.preventDefault();
    const due = rows().filter(changed);
    if (!due.length) say("Rien à enregistrer : aucune ligne modifiée.");
    else if (window.htmx && due.length <= 5) due.forEach(save);
    else form.requestSubmit();
  });

  // A row is saved when the focus leaves it. Values typed while its answer travels are put back over it.
  const travelling = new Map();
  function save(row) {
    if (!window.htmx || travelling.has(row.id) || !changed(row)) return;
    window.htmx.trigger(row, "save");
  }
  form.addEventListener("focusout", (event) => {
    const row = rowOf(event.target);
    if (!row || event.relatedTarget?.type === "submit") return;
    setTimeout(() => { if (row.isConnected && !row.contains(document.activeElement)) save(row); });
  });
  form.addEventListener("htmx:config:request", (event) => {
    const { sourceElement: row, request } = event.detail.ctx;
    const own = new Set([...row.querySelectorAll("[name]")].map((field) => field.name));
    for (const name of [...request.body.keys()]) if (!own.has(name)) request.body.delete(name);
    travelling.set(row.id, new Map(fields(row).map((field) => [field.id, field.type === "radio" ? field.checked : field.value])));
  });
  const isOurs = (raw) => !raw.redirected && [200, 409, 422].includes(raw.status);
  form.addEventListener("htmx:before:response", (event) => {
    const { raw } = event.detail.ctx.response;
    if (isOurs(raw)) return;
    event.preventDefault();
    say(raw.redirected || raw.status === 401 ? "Votre session est terminée : reconnectez-vous dans un autre onglet, puis enregistrez. Vos saisies restent affichées."
      : raw.status === 403 ? "Cette ligne n’est plus modifiable. Rechargez la page pour savoir pourquoi."
      : `Enregistrement impossible (erreur ${raw.status}). Vos saisies restent affichées : réessayez dans un instant.`);
  });
  form.addEventListener("htmx:error", () => say("Serveur injoignable. Vos saisies restent affichées : réessayez dans un instant."));
  form.addEventListener("htmx:before:swap", (event) => {
    const row = event.detail.ctx.sourceElement;
    const sent = travelling.get(row.id);
    if (!sent) return;
    event.detail.ctx.typed = fields(row).filter((field) => field.type !== "radio" && sent.has(field.id) && sent.get(field.id) !== field.value)
      .map((field) => [field.id, field.value]);
  });
  form.addEventListener("htmx:after:swap", (event) => {
    const row = document.getElementById(event.detail.ctx.sourceElement.id);
    if (!row) return;
    // Morphing keeps what a field shows; these two follow the markup instead.
    for (const select of row.querySelectorAll("select")) for (const option of select.options) option.selected = option.defaultSelected;
    for (const field of fields(row)) if (field !== document.activeElement && field.type !== "radio" && !field.options) field.value = field.defaultValue;
    for (const [id, value] of event.detail.ctx.typed ?? []) document.getElementById(id).value = value;
  });
  form.addEventListener("htmx:finally:request", (event) => {
    const { id } = event.detail.ctx.sourceElement;
    travelling.delete(id);
    const row = document.getElementById(id);
    if (!row) return;
    mark(row);
    quotient(row);
    const { response, typed } = event.detail.ctx;
    if (typed?.length && response && isOurs(response.raw) && !row.contains(document.activeElement)) save(row);
  });

  form.addEventListener("submit", () => { leaving = true; });
  addEventListener("beforeunload", (event) => {
    if (!leaving && rows().some((row) => changed(row) || row.matches(".is-refused, .is-conflict"))) event.preventDefault();
  });

  // Paste from a sheet: shown first, cell by cell, and filled only when accepted.
  const template = document.getElementById("paste-preview");
  form.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const start = rowOf(event.target);
    if (!template || !start || !event.target.matches("input[data-col]") || !/[\n\t]/.test(text.trim())) return;
    event.preventDefault();
    const lines = text.replace(/\r\n?/g, "\n").replace(/\n+$/, "").split("\n").map((line) => line.split("\t"));
    const below = rows().slice(rows().indexOf(start));
    const left = columns(start).indexOf(event.target);
    const cells = lines.flatMap((line, down) => line.map((pasted, right) => judge(below[down], left + right, pasted.trim(), down)));
    preview(cells.filter((cell) => !cell.skip), event.target);
  });

  function judge(row, column, pasted, down) {
    if (pasted === "") return { skip: true };
    if (!row) return { name: `ligne collée n° ${down + 1}`, pasted, refused: "plus de lignes collées que de lignes à saisir" };
    const name = row.dataset.name;
    const field = columns(row)[column];
    if (!field) return { name, pasted, refused: columns(row).length ? "plus de colonnes collées que de cases sur cette ligne" : "cette situation n’est pas modifiable" };
    if (field.matches("textarea")) return { name, pasted, field, value: pasted, note: "commentaire" };
    const verdict = read(pasted);
    if (verdict.refused) return { name, pasted, refused: "un nombre seul est attendu (29,4 ou 1 250), ou NR, ou NA" };
    return { name, pasted, field, ...verdict, note: field.dataset.part === "denominator" ? "dénominateur" : field.dataset.part === "numerator" ? "numérateur" : "valeur" };
  }

  function preview(cells, origin) {
    const dialog = template.content.firstElementChild.cloneNode(true);
    const good = cells.filter((cell) => !cell.refused);
    const bad = cells.length - good.length;
    const plural = (n, word) => `${n} ${word}${n > 1 ? "s" : ""}`;
    dialog.querySelector("[data-sum]").textContent = `${plural(good.length, "case")} acceptée${good.length > 1 ? "s" : ""}, ${bad} refusée${bad > 1 ? "s" : ""}. Rien n’est encore rempli.`;
    const body = dialog.querySelector("tbody");
    for (const cell of cells) {
      const line = body.insertRow();
      const head = document.createElement("th");
      head.scope = "row";
      head.textContent = cell.name;
      line.append(head);
      line.insertCell().textContent = cell.pasted;
      const verdict = line.insertCell();
      const before = cell.field?.value;
      if (cell.refused) { verdict.textContent = `Refusée : ${cell.refused}`; verdict.className = "error"; }
      else verdict.textContent = `Acceptée (${cell.status ?? cell.note})${before && before !== cell.value ? `, remplace ${before}` : ""}`;
    }
    const fill = dialog.querySelector("[value=fill]");
    fill.textContent = good.length ? `Remplir ${plural(good.length, "case")}` : "Rien à remplir";
    fill.disabled = !good.length;
    dialog.addEventListener("close", () => {
      dialog.remove();
      origin.focus();
      if (dialog.returnValue !== "fill") return;
      const met = new Set();
      for (const { field, value, status: answer, note } of good) {
        const row = rowOf(field);
        const choice = row.querySelector("select");
        field.value = answer ? "" : value;
        if (note !== "commentaire" && choice) choice.value = answer ?? "value";
        met.add(row);
      }
      met.forEach((row) => { mark(row); quotient(row); });
      say(`${plural(good.length, "case")} remplie${good.length > 1 ? "s" : ""}, pas encore enregistrée${good.length > 1 ? "s" : ""} : relisez, puis enregistrez.`);
    });
    document.body.append(dialog);
    dialog.showModal();
  }
}
