/** Reads a user's YAML: small, without aliases or unknown tags, and every complaint with file, line and column. */
import { readFileSync, statSync } from 'node:fs'
import { LineCounter, isAlias, parseAllDocuments, visit } from 'yaml'
import type { Document } from 'yaml'
import { Fault, messageOf } from '../fault.ts'

const maxBytes = 1024 * 1024
const maxDepth = 64

export interface YamlFile {
  path: string
  /** The comment lines at the very top, without their `#`. */
  header: string[]
  documents: unknown[]
}

/** Throws a usage Fault that names the place, for example `manifests/x.yaml:3:7: …`. */
export function readYamlFile(path: string): YamlFile {
  const text = readText(path)
  refuseDepth(path, text)
  const lines = new LineCounter()
  const parsed = parseAllDocuments(text, { lineCounter: lines, uniqueKeys: true, version: '1.2', prettyErrors: false })
  const documents = Array.isArray(parsed) ? parsed : []
  for (const document of documents) {
    const problem = document.errors[0] ?? document.warnings[0]
    if (problem) throw invalid(path, lines.linePos(problem.pos[0]), problem.message)
    refuseAliases(path, document, lines)
  }
  return {
    path,
    header: headerOf(text),
    documents: documents.map((document): unknown => document.toJS()).filter((value) => value !== null),
  }
}

function readText(path: string): string {
  try {
    if (statSync(path).size > maxBytes) throw new Fault('usage', `Cannot read ${path}: it is larger than 1 MiB`)
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Fault) throw error
    throw new Fault('usage', `Cannot read ${path}: ${messageOf(error)}`)
  }
}

/** The parser takes time square to the depth of flow collections: brackets are counted before it sees them. */
function refuseDepth(path: string, text: string): void {
  let depth = 0
  let line = 1
  for (const character of text) {
    if (character === '\n') line++
    else if (character === '[' || character === '{') depth++
    else if (character === ']' || character === '}') depth = Math.max(0, depth - 1)
    if (depth > maxDepth) throw invalid(path, { line, col: 1 }, `nested more than ${maxDepth} levels deep`)
  }
}

function refuseAliases(path: string, document: Document, lines: LineCounter): void {
  visit(document, {
    Node(_key, node) {
      if (isAlias(node)) throw invalid(path, lines.linePos(node.range?.[0] ?? 0), 'aliases are not taken here')
    },
  })
}

function invalid(path: string, place: { line: number; col: number }, message: string): Fault {
  return new Fault('usage', `${path}:${place.line}:${place.col}: not valid YAML: ${message}`)
}

function headerOf(text: string): string[] {
  const lines = text.split('\n')
  const end = lines.findIndex((line) => !line.startsWith('#'))
  return lines.slice(0, end === -1 ? lines.length : end).map((line) => line.slice(1).trim())
}
