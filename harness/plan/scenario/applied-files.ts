/** The files that steps of a scenario apply. */
import { realpathSync } from 'node:fs'
import { isAbsolute, join, relative } from 'node:path'
import { Fault, getErrorMessage } from '../../base/fault.ts'
import type { Apply } from '../../model/disruptions/apply.ts'
import type { ScenarioStep } from '../../model/steps/steps.ts'
import { readYamlFile } from '../yaml-file.ts'

/** The same steps, with what the files say that they name, from `folder`. Throws a usage Fault when one is not there or no manifest. */
export function readAppliedFiles(steps: readonly ScenarioStep[], folder: string, scenario: string): ScenarioStep[] {
  return steps.map((step): ScenarioStep => {
    if (step.kind === 'apply') return readAppliedFile(step, folder, scenario)
    if (step.kind !== 'repeat' && step.kind !== 'together') return step
    return { ...step, steps: readAppliedFiles(step.steps, folder, scenario) }
  })
}

function readAppliedFile({ kind, file }: Apply, folder: string, scenario: string): Apply {
  const path = findWithin(folder, file, scenario)
  const { documents, sha256, findPlace } = readYamlFile(path)
  const objects = documents.map((document, index) => {
    if (isManifest(document)) return document
    throw new Fault(
      'usage',
      `${findPlace(index)}: not an object of Kubernetes: needs apiVersion, kind and metadata.name`,
    )
  })
  if (objects.length === 0) throw new Fault('usage', `${scenario} applies ${file}, which has no object`)
  return { kind, file, sha256, read: () => objects }
}

/** A scenario may come from somebody else: nothing outside its folder is read. */
function findWithin(folder: string, file: string, scenario: string): string {
  let path: string
  try {
    path = relative(realpathSync(folder), realpathSync(join(folder, file)))
  } catch (error) {
    throw new Fault('usage', `${scenario} applies ${file}, which cannot be read: ${getErrorMessage(error)}`)
  }
  if (!isAbsolute(file) && !path.startsWith('..')) return join(folder, file)
  throw new Fault('usage', `${scenario} applies ${file}, which is not in the folder of the scenario`)
}

/** Whether it is an object of Kubernetes. */
export function isManifest(document: unknown): document is object {
  const { apiVersion, kind, metadata } = Object(document) as Record<string, unknown>
  const { name } = Object(metadata) as { name?: unknown }
  return [apiVersion, kind, name].every((one) => typeof one === 'string' && one !== '')
}
