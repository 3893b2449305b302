/** Servers that are named in what people read of a run, though they are not in its pods. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { clientNames, retryingClients } from '../../model/tools/retrying-clients.ts'

/** Those of the sample. */
const sampleServers = ['nginx', 'gunicorn']

/** Sentences of the report in a comparison's directory and of the terminal's output with a name that is not among `known`. */
export function findStrangers(directory: string, output: string, known: readonly string[]): string[] {
  const report = readFileSync(join(directory, 'report.html'), 'utf8')
  return listStrangers(`${extractText(report)}\n${output}`, known)
}

/** Lines of `text` that name one of the sample's servers, each once and shortened. */
export function listStrangers(text: string, known: readonly string[]): string[] {
  const names = sampleServers.filter((name) => !known.includes(name))
  if (names.length === 0) return []
  const pattern = new RegExp(`.{0,60}\\b(?:${names.join('|')})\\b.{0,60}`, 'gi')
  return [...new Set([...removeRetryingClients(text).matchAll(pattern)].map(([found]) => found.trim()))]
}

/** A report names programs that would have sent a request again, in words and in its data as a list of at least two. */
function removeRetryingClients(text: string): string {
  const id = `(?:${retryingClients.join('|')})`
  const lists = new RegExp(`"${id}(?: ${id})+"`, 'g')
  return Object.values(clientNames).reduce((rest, name) => rest.replaceAll(name, ''), text.replaceAll(lists, ''))
}

/** What a page shows, and the data from which its scripts make more; no code, and no attribute. */
function extractText(html: string): string {
  const data = [...html.matchAll(/<script[^>]*type="application\/json"[^>]*>([^]*?)<\/script>/g)].map(
    ([, json]) => json,
  )
  const shown = html.replaceAll(/<(script|style)\b[^]*?<\/\1>/g, '').replaceAll(/<[^>]*>/g, '\n')
  return [...data, shown].join('\n')
}
