/** Whether it went to the clipboard: a page from a file may not have the right, and then an older way is tried. */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copyThroughField(text)
  }
}

function copyThroughField(text) {
  const before = document.activeElement
  const field = document.createElement('textarea')
  field.value = text
  field.className = 'copied-from'
  document.body.append(field)
  field.select()
  const copied = document.execCommand('copy')
  field.remove()
  before?.focus?.()
  return copied
}

/** Lets a button put into the clipboard what it has, or the text that follows it. */
export function makeCopyable(button) {
  const title = button.textContent
  button.addEventListener('click', async () => {
    const text = button.dataset.copy ?? button.nextElementSibling.textContent
    button.textContent = (await copyText(text)) ? 'Copied' : 'Select and copy'
    setTimeout(() => (button.textContent = title), 2_000)
  })
}
