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
