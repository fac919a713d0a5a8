// Makes pages better that work without it. Listeners sit on the document, so content that htmx brings needs no setting up;
// what must be rewritten once (times, dialogs' buttons, the sidebar's checkbox) is done by prepare().
"use strict";
{
  const root = document.documentElement;

  const remember = (key, value) => {
    try {
      if (value === null) localStorage.removeItem(key);
      else localStorage.setItem(key, value);
    } catch (error) {
      // A browser may forbid storage: the choice then lasts as long as the page.
      console.debug("Preferences are not kept:", error);
    }
  };

  // ---- Theme and sidebar ---------------------------------------------------------------------------------------

  const markTheme = () => {
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === (root.dataset.theme ?? "system")));
    }
  };

  const chooseTheme = (theme) => {
    if (theme === "system") delete root.dataset.theme;
    else root.dataset.theme = theme;
    remember("tiltyard.theme", theme === "system" ? null : theme);
    markTheme();
  };

  const foldSidebar = (folded) => {
    if (folded) root.dataset.sidebar = "folded";
    else delete root.dataset.sidebar;
    remember("tiltyard.sidebar", folded ? "folded" : null);
  };

  // ---- Copy, reveal ---------------------------------------------------------------------------------------------

  const copy = async (button) => {
    const source = document.getElementById(button.dataset.copy);
    if (!source) return;
    const label = button.querySelector("[data-copy-label]") ?? button;
    const before = label.dataset.before ?? label.textContent;
    label.dataset.before = before;
    label.textContent = await copyText(source);
    setTimeout(() => (label.textContent = before), 2000);
  };

  // The clipboard needs HTTPS or localhost: elsewhere the text is marked, to be copied by hand.
  const copyText = async (source) => {
    const isInput = source instanceof HTMLInputElement;
    try {
      await navigator.clipboard.writeText(isInput ? source.value : source.textContent);
      return "Copied";
    } catch (error) {
      console.debug("The clipboard is closed:", error);
      if (isInput) source.select();
      else getSelection()?.selectAllChildren(source);
      return "Marked: copy it now";
    }
  };

  const reveal = (button) => {
    const input = document.getElementById(button.dataset.reveal);
    if (!input) return;
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  };

  // ---- Dialogs and menus ----------------------------------------------------------------------------------------

  const openDialog = (link, event) => {
    const dialog = document.getElementById(link.dataset.dialog);
    if (!(dialog instanceof HTMLDialogElement)) return;
    event.preventDefault();
    link.closest("[popover]")?.hidePopover();
    dialog.showModal();
  };

  const closeDialog = (link, event) => {
    const dialog = link.closest("dialog");
    if (!dialog) return;
    event.preventDefault();
    dialog.close();
  };

  const checkName = (form) => {
    const typed = form.elements.namedItem("confirm")?.value.trim();
    const button = form.querySelector("[data-submit]");
    if (button) button.disabled = typed !== form.dataset.confirmName;
  };

  const moveInMenu = (event) => {
    const steps = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };
    const step = steps[event.key];
    const menu = event.target.closest("[data-menu]") ?? document.querySelector("[data-menu]:popover-open");
    if (step === undefined || !menu) return;
    const items = [...menu.querySelectorAll(".menu-item")];
    const here = items.indexOf(document.activeElement);
    const start = here === -1 && step < 0 ? items.length : here;
    const next = Math.abs(step) === 1 ? (start + step + items.length) % items.length : step < 0 ? 0 : items.length - 1;
    event.preventDefault();
    items[next]?.focus();
  };

  // Where CSS cannot tie a menu to its button, it is put there by hand.
  const placeMenu = (menu) => {
    if (CSS.supports("position-area", "bottom")) return;
    const button = document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]`);
    if (!button || !menu.matches("[data-menu]")) return;
    const place = button.getBoundingClientRect();
    const below = place.bottom + menu.offsetHeight + 8 < innerHeight;
    menu.style.position = "fixed";
    menu.style.inset = "auto";
    menu.style.top = `${below ? place.bottom + 4 : Math.max(8, place.top - menu.offsetHeight - 4)}px`;
    const left = menu.dataset.align === "end" ? place.right - menu.offsetWidth : place.left;
    menu.style.left = `${Math.min(Math.max(8, left), innerWidth - menu.offsetWidth - 8)}px`;
  };

  // ---- Times ----------------------------------------------------------------------------------------------------

  const styles = {
    date: { year: "numeric", month: "short", day: "numeric" },
    minutes: {
      year: "numeric",
      month: "short",
      day: "numeric",
      hour: "2-digit",
      minute: "2-digit",
    },
    seconds: {
      year: "numeric",
      month: "short",
      day: "numeric",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    },
  };

  const relative = (at) => {
    const distance = Math.abs(Date.now() - at);
    if (distance < 45_000) return "just now";
    if (distance >= 30 * 86_400_000) return new Intl.DateTimeFormat(undefined, styles.date).format(at);
    const minutes = Math.max(1, Math.round(distance / 60_000));
    const hours = Math.round(minutes / 60);
    const text = minutes < 60 ? `${minutes} min` : hours < 24 ? `${hours} h` : `${Math.round(hours / 24)} d`;
    return at <= Date.now() ? `${text} ago` : `in ${text}`;
  };

  const showLocalTimes = (scope) => {
    for (const time of scope.querySelectorAll("time[data-local]")) {
      const at = Date.parse(time.dateTime);
      if (Number.isNaN(at)) continue;
      const kind = time.dataset.local;
      time.textContent =
        kind === "relative" ? relative(at) : new Intl.DateTimeFormat(undefined, styles[kind]).format(at);
      time.title = `${new Intl.DateTimeFormat(undefined, styles.seconds).format(at)} · ${time.dateTime.slice(0, 19).replace("T", " ")} UTC`;
    }
  };

  // ---- Forms ----------------------------------------------------------------------------------------------------

  const setBusy = (form, button, busy) => {
    form.toggleAttribute("data-busy", busy);
    button?.toggleAttribute("data-busy", busy);
  };

  const sizeText = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

  /** Sends a form with files by XHR, the only way that tells how far an upload is; then goes where the server led. */
  const upload = (form, button) => {
    const status = form.querySelector("[data-upload-status]");
    const bar = status?.querySelector("progress");
    const text = status?.querySelector("[data-upload-text]");
    const say = (message, share) => {
      if (!status || !bar || !text) return;
      status.hidden = false;
      text.textContent = message;
      if (share === null) bar.removeAttribute("value");
      else bar.value = share * 100;
    };
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "text/html");
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      const done = event.loaded >= event.total;
      say(
        done ? "Uploaded. The server is looking at it …" : `${sizeText(event.loaded)} of ${sizeText(event.total)}`,
        done ? null : event.loaded / event.total,
      );
    });
    request.addEventListener("load", () => {
      setBusy(form, button, false);
      if (request.status < 400 && new URL(request.responseURL).href !== new URL(form.action).href)
        location.assign(request.responseURL);
      else showPage(request.responseText, () => say(`The server refused the upload (${request.status}).`, 0));
    });
    const fail = () => {
      setBusy(form, button, false);
      say("The upload broke off. Check the connection and send it again.", 0);
    };
    request.addEventListener("error", fail);
    request.addEventListener("abort", fail);
    setBusy(form, button, true);
    say("Uploading …", 0);
    request.send(new FormData(form, button ?? undefined));
  };

  /** Puts the main area of a page that the server sent in place of the present one. */
  const showPage = (html, otherwise) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    const fresh = page.querySelector("main");
    const present = document.querySelector("main");
    if (!fresh || !present) {
      otherwise();
      return;
    }
    present.replaceChildren(...fresh.childNodes);
    document.title = page.title || document.title;
    globalThis.htmx?.process(present);
    prepare(present);
    scrollTo(0, 0);
  };

  // ---- Wiring ---------------------------------------------------------------------------------------------------

  const prepare = (scope) => {
    showLocalTimes(scope);
    markTheme();
    for (const form of scope.querySelectorAll("form[data-confirm-name]")) checkName(form);
    for (const box of scope.querySelectorAll("[data-sidebar-fold]")) box.checked = root.dataset.sidebar === "folded";
    const errors = scope.querySelector("[data-form-errors]");
    // Once: a later poll of another part of the page must not take the focus again.
    errors?.removeAttribute("data-form-errors");
    errors?.focus();
  };

  document.addEventListener("click", (event) => {
    const target = event.target;
    if (!(target instanceof Element)) return;
    const find = (name) => target.closest(`[data-${name}]`);
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (find("copy")) void copy(find("copy"));
    else if (find("reveal")) reveal(find("reveal"));
    else if (find("theme-choice")) chooseTheme(find("theme-choice").dataset.themeChoice);
    else if (find("dialog-close")) closeDialog(find("dialog-close"), event);
    else if (find("dialog") && plain) openDialog(find("dialog"), event);
    else if (target instanceof HTMLDialogElement) target.close();
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-sidebar-fold]")) foldSidebar(event.target.checked);
  });

  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-confirm-name]");
    if (form) checkName(form);
  });

  document.addEventListener("focusin", (event) => {
    if (event.target.matches("[data-select-all]")) event.target.select();
  });

  document.addEventListener("keydown", moveInMenu);
  document.addEventListener("toggle", (event) => event.newState === "open" && placeMenu(event.target), true);

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.hasAttribute("data-busy")) {
      // A second click while the first is under way.
      if (form.hasAttribute("data-busy")) event.preventDefault();
      return;
    }
    if (form.method === "dialog") return;
    if (form.hasAttribute("data-upload")) {
      event.preventDefault();
      upload(form, event.submitter);
      return;
    }
    setBusy(form, event.submitter, true);
    // An answer that is a download leaves the page standing.
    setTimeout(setBusy, 20_000, form, event.submitter, false);
  });

  // A page that comes back from the browser's memory must not still be busy.
  addEventListener("pageshow", () => {
    for (const element of document.querySelectorAll("[data-busy]")) element.removeAttribute("data-busy");
  });

  document.addEventListener("htmx:after:swap", () => prepare(document));
  setInterval(() => document.hidden || showLocalTimes(document), 60_000);
  prepare(document);
}
