/** The end of a pod as the cases tell it: deleted once everything is up, listened to until it is gone. */
import type { V1DeleteOptions, V1Pod, V1PodSpec } from '@kubernetes/client-node'
import { findContainerStatus, createPod, deletePod, waitForPodRemoval } from './pods.ts'
import type { CaseContext } from './case-context.ts'
import { followOutput } from '../refusals/container-output.ts'
import type { ContainerOutput } from '../refusals/container-output.ts'

/** How soon "at once" is: the kubelet hears of the deletion, the container runtime starts a program to send the signal. */
export const atOnceMs = 1_500
/** The kubelet counts what is left of a grace period in whole seconds, so it may cut nearly one off. */
export const wholeSecondMs = 1_000
/** How much later than planned a busy machine may be. */
export const lateMs = 2_000

export interface PodEnding {
  /** Just before the deletion was asked for, wall clock. */
  deletedMs: number
  /** When the pod's object was gone. */
  goneMs: number
  last: V1Pod
  outputs: Record<string, ContainerOutput>
}

const podName = 'one'

/** Every container has to say `up` first. */
export async function terminatePod(
  scene: CaseContext,
  spec: V1PodSpec,
  body: V1DeleteOptions = {},
): Promise<PodEnding> {
  await createPod(scene, podName, spec)
  const voices = Object.fromEntries(spec.containers.map(({ name }) => [name, followOutput(scene, podName, name)]))
  for (const { name, restartPolicy } of spec.initContainers ?? [])
    if (restartPolicy === 'Always') voices[name] = followOutput(scene, podName, name)
  await Promise.all(Object.values(voices).map((voice) => voice.waitForLine('up')))
  const deletedMs = await deletePod(scene, podName, body)
  const { atMs, pod } = await waitForPodRemoval(scene, podName)
  await Promise.all(Object.values(voices).map((voice) => voice.waitForEnd()))
  return { deletedMs, goneMs: atMs, last: pod, outputs: voices }
}

/** What a container said, without repetitions in a row. */
export function listOutput({ outputs }: PodEnding, container: string): string[] {
  const words = outputs[container]?.lines.map(({ text }) => text) ?? []
  return words.filter((text, index) => text !== words[index - 1])
}

/** Whole ms from the deletion to the first line with this text; `null` when it was never said. */
export function findOutputDelayMs({ outputs, deletedMs }: PodEnding, container: string, text: string): number | null {
  const line = outputs[container]?.lines.find((line) => line.text === text)
  return line ? Math.round(line.atMs - deletedMs) : null
}

/** Whole ms from the deletion to the last sign of life. */
export function findLastOutputMs({ outputs, deletedMs }: PodEnding, container: string): number | null {
  const line = outputs[container]?.lines.at(-1)
  return line ? Math.round(line.atMs - deletedMs) : null
}

export function readExitCode({ last }: Pick<PodEnding, 'last'>, container: string): number | null {
  return findContainerStatus(last, container)?.state?.terminated?.exitCode ?? null
}
