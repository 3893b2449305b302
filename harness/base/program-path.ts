/** The paths of programs that run in their own processes: TypeScript in a checkout, JavaScript in the package that `npm pack` makes. */
import { extname, join } from 'node:path'

const extension = extname(import.meta.filename)

/** Whether this is the package instead of a checkout. */
export const isPackaged: boolean = extension === '.js'

/** The file of a program by its path without extension, relative to the folder of a module. */
export function resolveProgram(folder: string, path: string): string {
  return join(folder, `${path}${extension}`)
}
