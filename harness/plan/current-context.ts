/** The context that kubectl uses where it is told of none. Nothing that nodrop itself does goes by it. */
import { existsSync } from 'node:fs'
import { delimiter, resolve } from 'node:path'
import { getDefaultPath, readContext } from './kubeconfig.ts'
import type { NamedContext } from './kubeconfig.ts'
import { readYamlFile } from './yaml-file.ts'

/** From a list of files as in $KUBECONFIG: that of the first which names one; `null` where none does. Throws a Fault as `readContext`. */
export function readCurrentContext(kubeconfig: string = getDefaultPath()): NamedContext | null {
  const paths = kubeconfig.split(delimiter).filter((path) => path !== '' && existsSync(path))
  for (const path of paths) {
    const { 'current-context': name } = Object(readYamlFile(resolve(path)).documents[0]) as Record<string, unknown>
    if (typeof name === 'string' && name !== '') return readContext(name, kubeconfig)
  }
  return null
}
