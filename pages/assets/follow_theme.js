// Streamlit does not run the script again when a visitor switches between light and dark, but it calls this
// again. A run is asked for only if the script drew for the other look, so a first visit costs none.
export default function ({ parentElement, data, setStateValue }) {
  const colour = getComputedStyle(parentElement.host ?? parentElement).getPropertyValue("--st-background-color").trim();
  const channels = colour.match(/[0-9a-f]{2}/gi)?.slice(0, 3).map((two) => parseInt(two, 16));
  if (!channels) return;
  const brightness = channels[0] * 0.299 + channels[1] * 0.587 + channels[2] * 0.114;
  const shown = brightness < 128 ? "dark" : "light";
  if (shown !== data.drawn_for) setStateValue("theme", shown);
}
