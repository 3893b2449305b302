import { copyText } from './copy.js'

/** The bar of parts: which part is looked at, light or dark, and the link of the place that is shown. */
export function createBar() {
  const bar = document.querySelector('nav.bar')
  if (bar === null) return
  followScroll(bar)
  wireTheme(bar.querySelector('[data-theme-toggle]'))
  const said = bar.querySelector('[data-said]')
  const copyLink = async () => {
    said.textContent = (await copyText(location.href)) ? 'Copied' : 'Cannot copy: copy it from the address bar'
    setTimeout(() => (said.textContent = ''), 3_000)
  }
  bar.querySelector('[data-copy-link]').addEventListener('click', () => void copyLink())
}

/** Marks the part that is at the top of the window. */
function followScroll(bar) {
  const links = new Map()
  for (const link of bar.querySelectorAll('ul a')) {
    const part = document.getElementById(link.hash.slice(1))
    if (part !== null) links.set(part, link)
  }
  let waiting = false
  const update = () => {
    waiting = false
    const parts = [...links.keys()]
    const atEnd = scrollY > 0 && innerHeight + scrollY >= document.documentElement.scrollHeight - 2
    const reached = parts.findLast((part) => part.getBoundingClientRect().top < innerHeight / 3)
    const current = atEnd ? parts.at(-1) : (reached ?? parts[0])
    for (const [part, link] of links) {
      if (part !== current) link.removeAttribute('aria-current')
      else if (!link.hasAttribute('aria-current')) {
        link.setAttribute('aria-current', 'location')
        const list = link.closest('ul')
        list.scrollTo({ left: link.offsetLeft - (list.clientWidth - link.offsetWidth) / 2 })
      }
    }
  }
  const updateSoon = () => {
    if (!waiting) requestAnimationFrame(update)
    waiting = true
  }
  addEventListener('scroll', updateSoon, { passive: true })
  addEventListener('resize', updateSoon)
  updateSoon()
}

const themeKey = 'nodrop-theme'

/** Without a choice the page follows the system. */
function wireTheme(button) {
  const dark = matchMedia('(prefers-color-scheme: dark)')
  let chosen = readChoice()
  const apply = () => {
    const isDark = chosen === null ? dark.matches : chosen === 'dark'
    setDark(chosen === null ? null : isDark)
    button.setAttribute('aria-pressed', String(isDark))
    dispatchEvent(new Event('nodrop:colours'))
  }
  button.addEventListener('click', () => {
    const isDark = button.getAttribute('aria-pressed') === 'true'
    chosen = isDark ? 'light' : 'dark'
    keepChoice(chosen)
    apply()
  })
  dark.addEventListener('change', apply)
  // Paper is light: what is drawn for it as well.
  addEventListener('beforeprint', () => setDark(false))
  addEventListener('afterprint', apply)
  apply()
}

/** The dark colours stand once in the style sheet, in a media rule: a choice replaces its condition. */
function setDark(isDark) {
  const root = document.documentElement
  if (isDark === null) delete root.dataset.theme
  else root.dataset.theme = isDark ? 'dark' : 'light'
  for (const { rule, condition } of findDarkRules())
    rule.media.mediaText = isDark === null ? condition : isDark ? 'screen' : 'not all'
}

let darkRules = null

function findDarkRules() {
  darkRules ??= [...document.styleSheets]
    .flatMap(({ cssRules }) => [...cssRules])
    .filter((rule) => rule instanceof CSSMediaRule && rule.media.mediaText.includes('prefers-color-scheme: dark'))
    .map((rule) => ({ rule, condition: rule.media.mediaText }))
  return darkRules
}

// A page from a file may have no storage: then the choice lasts as long as the page.
function readChoice() {
  try {
    const kept = localStorage.getItem(themeKey)
    return kept === 'dark' || kept === 'light' ? kept : null
  } catch {
    return null
  }
}

function keepChoice(choice) {
  try {
    localStorage.setItem(themeKey, choice)
  } catch {
    return
  }
}
