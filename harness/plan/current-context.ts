/** The context that kubectl uses by default. nodrop itself never uses it. */
import { existsSync } from 'node:fs'
import { delimiter, resolve } from 'node:path'
import { getDefaultPath, readContext } from './kubeconfig.ts'
import type { NamedContext } from './kubeconfig.ts'
import { readYamlFile } from './yaml-file.ts'

/** From a list of files as in $KUBECONFIG: the first context that is named; `null` without any. Throws a Fault like `readContext`. */
export function readCurrentContext(kubeconfig: string = getDefaultPath()): NamedContext | null {
  const paths = kubeconfig.split(delimiter).filter((path) => path !== '' && existsSync(path))
  for (const path of paths) {
    const { 'current-context': name } = Object(readYamlFile(resolve(path)).documents[0]) as Record<string, unknown>
    if (typeof name === 'string' && name !== '') return readContext(name, kubeconfig)
  }
  return null
}
