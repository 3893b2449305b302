/** The observations of kernel and servers about a run, in a file beside its log, so that its attributions can be judged again. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeDurably } from '../../base/files/durable-file.ts'
import type { ServerObservations } from '../endings/servers.ts'
import type { Syn } from './syns.ts'

export interface WitnessFile extends ServerObservations {
  ending: string
  setting: string
  syns: readonly Syn[]
}

const getWitnessPath = (runDir: string): string => join(runDir, 'witnesses.json')

export function hasWitnesses(runDir: string): boolean {
  return existsSync(getWitnessPath(runDir))
}

export function writeWitnesses(runDir: string, { requests, ...others }: WitnessFile): void {
  writeDurably(getWitnessPath(runDir), JSON.stringify({ ...others, requests: Object.fromEntries(requests) }), 0o644)
}

export function readWitnesses(runDir: string): WitnessFile {
  const { requests, ...others } = JSON.parse(readFileSync(getWitnessPath(runDir), 'utf8')) as WitnessFile
  return { ...others, requests: new Map(Object.entries(requests)) }
}
