import { copyText } from '../explore/copy.js'

/** Lets a button put into the clipboard what it has, or the text that follows it. */
export function makeCopyable(button) {
  const title = button.textContent
  button.addEventListener('click', async () => {
    const text = button.dataset.copy ?? button.nextElementSibling.textContent
    button.textContent = (await copyText(text)) ? 'Copied' : 'Select and copy'
    setTimeout(() => (button.textContent = title), 2_000)
  })
}
