/** Reads a user's YAML like kubectl: with a limited size, and every problem with file, line and column. */
import { createHash } from 'node:crypto'
import { Composer, Lexer, LineCounter, Parser } from 'yaml'
import type { CST, Document } from 'yaml'
import { readText } from '../base/files/bounded-file.ts'
import { Fault } from '../base/fault.ts'
import { kubectlTags } from './yaml-scalar.ts'
import { findOffset, toJsonValue } from './yaml-value.ts'

const maxBytes = 1024 * 1024
/** Each key, value and punctuation mark takes a few hundred bytes of memory during parsing. */
const maxTokens = 100_000
const maxDepth = 64
const maxDocuments = 1000

export interface YamlFile {
  path: string
  /** The SHA-256 of its text, in hexadecimal digits. */
  sha256: string
  /** The comment lines at the top, without their `#`. */
  header: string[]
  /** Values as in JSON; empty documents are left out. */
  documents: unknown[]
  /** `file:line:column` of the value at these keys of a document; if it does not exist, of the innermost existing one. */
  findPlace: (document: number, keys?: readonly PropertyKey[]) => string
}

/** Throws a usage Fault that names the place, for example `manifests/x.yaml:3:7: …`. */
export function readYamlFile(path: string): YamlFile {
  const text = readText(path, maxBytes)
  const lines = new LineCounter()
  const refuse = (offset: number, message: string): never => {
    throw new Fault('usage', `${formatPlace(path, lines, offset)}: not valid YAML: ${message}`)
  }
  const nul = text.indexOf('\0')
  if (nul >= 0) throw new Fault('usage', `${path}:${text.slice(0, nul).split('\n').length}: not valid YAML: a NUL byte`)
  const parsed = parseDocuments(text, lines, refuse).map((document) => {
    const problem = document.errors[0] ?? document.warnings[0]
    if (problem) refuse(problem.pos[0], problem.message)
    return { document, value: toJsonValue(document, { refuse, maxBytes, maxDepth }) }
  })
  const present = parsed.filter(({ value }) => value !== null)
  return {
    path,
    sha256: createHash('sha256').update(text).digest('hex'),
    header: readHeader(text),
    documents: present.map(({ value }) => value),
    findPlace: (index, keys = []) => {
      const document = present[index]?.document
      return formatPlace(path, lines, document === undefined ? 0 : findOffset(document, keys))
    },
  }
}

type RejectAt = (offset: number, message: string) => never

/**
 * The parser takes time quadratic in the depth of the text, and checking for duplicate keys, which is left to the values, quadratic in
 * their number. So the depth is checked during parsing.
 */
function parseDocuments(text: string, lines: LineCounter, refuse: RejectAt): Document.Parsed[] {
  const parser = new Parser(lines.addNewLine)
  const composer = new Composer({
    version: '1.2',
    // With and without `%YAML 1.1`.
    schema: 'failsafe',
    customTags: kubectlTags,
    resolveKnownTags: false,
    merge: false,
    uniqueKeys: false,
    logLevel: 'silent',
  })
  const documents: Document.Parsed[] = []
  for (const token of lexTokens(text, parser, { lines, refuse })) {
    for (const document of composer.next(token)) documents.push(document)
    if (documents.length > maxDocuments) refuse(parser.offset, `more than ${maxDocuments} documents`)
  }
  for (const document of composer.end()) documents.push(document)
  return documents
}

function* lexTokens(
  text: string,
  parser: Parser,
  { lines, refuse }: { lines: LineCounter; refuse: RejectAt },
): Generator<CST.Token> {
  lines.addNewLine(0)
  let count = 0
  for (const lexeme of new Lexer().lex(text)) {
    // Besides the collections, the stack contains the document and a scalar.
    if (parser.stack.length > maxDepth + 2) refuse(parser.offset, `nested more than ${maxDepth} levels deep`)
    if (++count > maxTokens) refuse(parser.offset, `more than ${maxTokens} keys, values and marks`)
    yield* parser.next(lexeme)
  }
  yield* parser.end()
}

function formatPlace(path: string, lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset)
  return `${path}:${line}:${col}`
}

function readHeader(text: string): string[] {
  const lines = text.split('\n')
  const end = lines.findIndex((line) => !line.startsWith('#'))
  return lines.slice(0, end === -1 ? lines.length : end).map((line) => line.slice(1).trim())
}
