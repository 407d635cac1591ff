"""JavaScript that finds text with too little contrast on a page."""

LOW_CONTRAST = """() => {
  const numbers = (colour) => {
    const found = colour.match(/[\\d.]+/g).map(Number);
    const scale = colour.startsWith('color(') ? 255 : 1;
    return [...found.slice(0, 3).map((value) => value * scale), found[3] ?? 1];
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const luminance = (colour) => {
    const [r, g, b] = colour.slice(0, 3).map((value) => value / 255)
      .map((value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ancestors = (element) => (element ? [...ancestors(element.parentElement), element] : []);
  const ratio = (element) => {
    const styles = ancestors(element).map((one) => getComputedStyle(one));
    const back = styles.map((style) => numbers(style.backgroundColor)).reduce((below, top) => over(top, below),
      [255, 255, 255, 1]);
    const own = styles.at(-1), drawn = element instanceof SVGElement;
    const colour = numbers(drawn ? own.fill : own.color);
    colour[3] *= styles.reduce((product, style) => product * style.opacity, drawn ? own.fillOpacity : 1);
    const [dark, bright] = [luminance(over(colour, back)), luminance(back)].sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const read = [], low = {};
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement, text = walker.currentNode.textContent.trim();
    const size = element.getBoundingClientRect();
    const unseen = !element.checkVisibility({checkOpacity: true, checkVisibilityCSS: true}) || !size.width;
    // the slider's value hangs below its thumb, whose colour it shares
    if (!text || unseen || element.closest('style, script, noscript, [data-testid=stSliderThumbValue]')) continue;
    read.push(text);
    if (ratio(element) < 4.5) low[text] = Math.round(ratio(element) * 100) / 100;
  }
  return {read: read.length, low};
}"""
"""Texts on the page below a contrast of 4.5 : 1, computed from the colours as the browser shows them."""
