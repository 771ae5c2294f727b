// Elements and numbers as all parts of the page make them.

export const $ = (id) => document.getElementById(id);

/** An element with properties and children. */
export const make = (tag, fields, ...children) => {
  const node = Object.assign(document.createElement(tag), fields);
  node.append(...children);
  return node;
};

/**
 * Options of a select, of [value, text] pairs. None stand in the page itself: choosing the first of them makes a browser look
 * for forms to fill in, and lay the page out for that before it has its styles.
 */
export const options = (pairs) => pairs.map(([value, textContent]) => make("option", { value, textContent }));

/** A whole number with commas. Not by Intl, whose data take longer to load than all of the page. */
export const number = (n) => String(n).replace(/\B(?=(?:\d{3})+$)/g, ",");
