/** Servers that a run's output for people names, although they are not in its pods. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { clientNames, retryingClients } from '../../model/tools/retrying-clients.ts'

/** The sample's servers. */
const sampleServers = ['nginx', 'gunicorn']

/** Sentences of the report in a comparison's directory, and of the terminal's output, with a name that is not in `known`. */
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

/** A report names programs that would have retried a request, in words and, in its data, as a list of at least two. */
function removeRetryingClients(text: string): string {
  const id = `(?:${retryingClients.join('|')})`
  const lists = new RegExp(`"${id}(?: ${id})+"`, 'g')
  return Object.values(clientNames).reduce((rest, name) => rest.replaceAll(name, ''), text.replaceAll(lists, ''))
}

/** The text of a page, and the data of its scripts, without code and attributes. */
function extractText(html: string): string {
  const data = [...html.matchAll(/<script[^>]*type="application\/json"[^>]*>([^]*?)<\/script>/g)].map(
    ([, json]) => json,
  )
  const shown = html.replaceAll(/<(script|style)\b[^]*?<\/\1>/g, '').replaceAll(/<[^>]*>/g, '\n')
  return [...data, shown].join('\n')
}
