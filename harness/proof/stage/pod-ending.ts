/** The end of a pod in the cases: deleted once everything is up, and observed until it is gone. */
import type { V1DeleteOptions, V1Pod, V1PodSpec } from '@kubernetes/client-node'
import { findContainerStatus, createPod, deletePod, waitForPodRemoval } from './pods.ts'
import type { CaseContext } from './case-context.ts'
import { followOutput } from '../refusals/container-output.ts'
import type { ContainerOutput } from '../refusals/container-output.ts'

/** Upper bound for "at once": the kubelet gets the news of the deletion, and the container runtime starts a program to send the signal. */
export const atOnceMs = 1_500
/** The kubelet counts the rest of a grace period in whole seconds, so it may lose almost one. */
export const wholeSecondMs = 1_000
/** Allowed delay on a busy machine. */
export const lateMs = 2_000

export interface PodEnding {
  /** Just before the deletion was requested, wall clock. */
  deletedMs: number
  /** When the pod's object was gone. */
  goneMs: number
  last: V1Pod
  outputs: Record<string, ContainerOutput>
}

const podName = 'one'

/** First waits until every container has printed `up`. */
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

/** The output of a container, without consecutive repetitions. */
export function listOutput({ outputs }: PodEnding, container: string): string[] {
  const words = outputs[container]?.lines.map(({ text }) => text) ?? []
  return words.filter((text, index) => text !== words[index - 1])
}

/** Whole ms from the deletion to the first line with this text; `null` if it was never printed. */
export function findOutputDelayMs({ outputs, deletedMs }: PodEnding, container: string, text: string): number | null {
  const line = outputs[container]?.lines.find((line) => line.text === text)
  return line ? Math.round(line.atMs - deletedMs) : null
}

/** Whole ms from the deletion to the last output. */
export function findLastOutputMs({ outputs, deletedMs }: PodEnding, container: string): number | null {
  const line = outputs[container]?.lines.at(-1)
  return line ? Math.round(line.atMs - deletedMs) : null
}

export function readExitCode({ last }: Pick<PodEnding, 'last'>, container: string): number | null {
  return findContainerStatus(last, container)?.state?.terminated?.exitCode ?? null
}
