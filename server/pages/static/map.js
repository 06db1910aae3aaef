// The map of the office: our own GeoJSON on a canvas, no tiles. The table below it says the same without a script.
"use strict";

(() => {
  const sheet = document.getElementById("coverage-map");
  if (!sheet || !window.L) return;
  const numbers = new Intl.NumberFormat(sheet.dataset.lang);
  const percents = new Intl.NumberFormat(sheet.dataset.lang, { style: "percent", maximumFractionDigits: 0 });
  const STEPS = [0.12, 0.3, 0.5, 0.7, 0.92];

  const coloured = (name) => getComputedStyle(sheet).getPropertyValue(name).trim();
  const tint = () => getComputedStyle(sheet.closest(".chart")).getPropertyValue("--tint").trim();
  const quiet = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  const map = L.map(sheet, {
    preferCanvas: true,
    attributionControl: false,
    zoomSnap: 0.25,
    zoomAnimation: !quiet,
    fadeAnimation: !quiet,
    maxZoom: 18,
    minZoom: 6,
  });
  // A page that scrolls under the finger or the wheel must not be caught by the map.
  map.scrollWheelZoom.disable();
  sheet.addEventListener("focusin", () => map.scrollWheelZoom.enable());
  sheet.addEventListener("focusout", () => map.scrollWheelZoom.disable());
  L.control.scale({ imperial: false }).addTo(map);

  const step = (share) => STEPS[Math.min(STEPS.length - 1, Math.floor(share * STEPS.length))];

  function style({ share, state, level }) {
    const edge = { color: coloured("--line-strong"), weight: level === "ward" ? 1.5 : 1 };
    if (state === "shown" && share !== null) return { ...edge, fillColor: tint(), fillOpacity: step(Math.min(share, 1)) };
    if (state === "hidden") return { ...edge, dashArray: "2 4", fillColor: coloured("--line"), fillOpacity: 0.6 };
    return { ...edge, fillColor: coloured("--paper-sunk"), fillOpacity: 0.6 };
  }

  function words({ name, share, part, whole, state }) {
    const box = document.createElement("span");
    const title = document.createElement("strong");
    title.textContent = name;
    const figure =
      state === "hidden"
        ? sheet.dataset.hidden
        : share === null
          ? sheet.dataset.unknown
          : `${numbers.format(part)} / ${numbers.format(whole)} · ${percents.format(share)}`;
    box.append(title, document.createElement("br"), figure);
    return box;
  }

  const drawn = (features) =>
    L.geoJSON(features, {
      style: (feature) => style(feature.properties),
      pointToLayer: (feature, at) => L.circleMarker(at, { radius: 8, ...style(feature.properties) }),
      onEachFeature: (feature, layer) => layer.bindTooltip(words(feature.properties), { sticky: true }),
    }).addTo(map);

  async function load(address) {
    const answer = await fetch(address, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    return (await answer.json()).features;
  }

  let units = [];
  let layer = null;
  function draw(fit) {
    if (layer) layer.remove();
    layer = drawn(units.slice().sort((a, b) => (a.properties.level === "ward" ? 0 : 1) - (b.properties.level === "ward" ? 0 : 1)));
    if (fit && layer.getBounds().isValid()) map.fitBounds(layer.getBounds(), { padding: [16, 16] });
  }

  load(sheet.dataset.units).then(
    (features) => {
      units = features;
      draw(true);
      sheet.dataset.ready = String(features.length);
    },
    () => sheet.remove(),
  );
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw(false));

  const button = document.getElementById("show-points");
  if (!button) return;
  const said = document.getElementById("points-said");
  let homes = null;
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (homes) {
      homes.remove();
      homes = null;
      said.textContent = "";
    } else {
      try {
        const features = await load(button.dataset.points);
        homes = L.geoJSON(features, {
          pointToLayer: (feature, at) =>
            L.circleMarker(at, { radius: 4, color: coloured("--ink"), weight: 1, fillColor: coloured("--sky"), fillOpacity: 1 }).on(
              "click",
              () => window.location.assign(feature.properties.page),
            ),
        }).addTo(map);
        said.textContent = button.dataset.shown.replace("%", numbers.format(features.length));
      } catch {
        said.textContent = button.dataset.failed;
      }
    }
    button.setAttribute("aria-pressed", String(Boolean(homes)));
    button.textContent = homes ? button.dataset.hide : button.dataset.show;
  });
})();
