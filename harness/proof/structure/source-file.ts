/** The measured facts about one source file: its imports, and the functions that it declares. */
import { dirname, join } from 'node:path'
import { Visitor, parseSync } from 'oxc-parser'

export interface FunctionFacts {
  /** Empty for an anonymous function: a callback, or a method's value. */
  name: string
  lines: number
}

export interface SourceFile {
  /** Relative to the measured folder, with `/` between its parts. */
  path: string
  isTest: boolean
  lines: number
  /** Files of the same tree, including type imports. */
  imports: string[]
  functions: FunctionFacts[]
}

/** Throws an Error for text that cannot be parsed. */
export function readSourceFile(path: string, text: string): SourceFile {
  const { program, module, errors } = parseSync(path, text)
  if (errors[0]) throw new Error(`Cannot parse ${path}: ${errors[0].message}`)
  const functions: FunctionFacts[] = []
  const addFunction = (name: string, { start, end }: { start: number; end: number }): void => {
    functions.push({ name, lines: countLines(text.slice(start, end)) })
  }
  new Visitor({
    FunctionDeclaration: (node) => addFunction(node.id?.name ?? '', node),
    MethodDefinition: (node) => addFunction('', node),
    VariableDeclarator: ({ id, init }) => {
      const isFunction = init?.type === 'ArrowFunctionExpression' || init?.type === 'FunctionExpression'
      if (isFunction && id.type === 'Identifier') addFunction(id.name, init)
    },
  }).visit(program)
  const specifiers = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) => entries.flatMap((entry) => entry.moduleRequest?.value ?? [])),
    ...module.dynamicImports.map(({ moduleRequest }) => text.slice(moduleRequest.start + 1, moduleRequest.end - 1)),
  ]
  const imports = new Set(specifiers.filter(isRelative).map((specifier) => join(dirname(path), specifier)))
  return { path, isTest: /\.test\.\w+$/.test(path), lines: countLines(text), imports: [...imports], functions }
}

const isRelative = (specifier: string): boolean => specifier.startsWith('.')

function countLines(text: string): number {
  return text.trimEnd().split('\n').length
}
