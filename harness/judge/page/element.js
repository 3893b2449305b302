/** An element with attributes and children; text stays text. */
export function element(name, attributes, children, onClick) {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.append(...children)
  if (onClick !== undefined) made.addEventListener('click', onClick)
  return made
}
