/** Lets a button put into the clipboard what it has, or the text that follows it. */
export function makeCopyable(button) {
  const title = button.textContent
  button.addEventListener('click', async () => {
    const text = button.dataset.copy ?? button.nextElementSibling.textContent
    button.textContent = (await copy(text)) ? 'Copied' : 'Select and copy'
    setTimeout(() => (button.textContent = title), 2_000)
  })
}

/** The clipboard may be refused to a page, as to one in a frame. */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}
