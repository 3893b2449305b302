/** Options of the tools that npm runs, as `npm run NAME -- OPTIONS`. */
import { parseArgs } from 'node:util'
import { exitCodes, getErrorMessage } from '../../base/fault.ts'
import { printLines, printNotice } from '../print.ts'
import { alignColumns } from '../text.ts'

interface ToolOption {
  type: 'string' | 'boolean'
  default?: string | boolean
  /** Placeholder for its value in the usage. */
  value?: string
  /** Its purpose, in one line. */
  help: string
}

interface Tool<T extends Record<string, ToolOption> = Record<string, ToolOption>> {
  name: string
  /** In one line. */
  does: string
  options: T
  /** Placeholder for positional arguments; absent: it takes none. */
  words?: string
}

type ToolArguments<T extends Record<string, ToolOption>> = ReturnType<
  typeof parseArgs<{ options: T; allowPositionals: true }>
>

const help = { type: 'boolean', short: 'h', help: 'this usage' } as const

/** Ends the process with its usage where that is asked for, and with a message where something is not understood. */
export function readToolOptions<const T extends Record<string, ToolOption>>(tool: Tool<T>): ToolArguments<T> {
  try {
    const options = { ...tool.options, help }
    const { values, positionals } = parseArgs({ options, allowPositionals: tool.words !== undefined })
    if ('help' in values) {
      printToolUsage(tool)
      process.exit(exitCodes.ok)
    }
    return { values, positionals } as ToolArguments<T>
  } catch (error) {
    // What follows the first sentence is advice for other programs.
    const [message = ''] = getErrorMessage(error).split(/\. |\.?\n/)
    printNotice(`${tool.name}: ${message}`, `npm run ${tool.name} -- --help shows the options.`)
    return process.exit(exitCodes.usage)
  }
}

export function printToolUsage({ name, does, options, words }: Tool): void {
  const rows = Object.entries({ ...options, help }).map(([option, { help: text, ...about }]) => {
    const { value, default: usual } = about as Partial<ToolOption>
    const usually = typeof usual === 'string' ? ` (default: ${usual})` : ''
    return [`  --${option}${value === undefined ? '' : ` ${value}`}`, `${text}${usually}`]
  })
  printLines(`usage: npm run ${name} -- [options]${words === undefined ? '' : ` ${words}`}`, `${name} ${does}`, '')
  printLines(...alignColumns(rows))
}
