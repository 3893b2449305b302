/** Which signal ends a container, and how PID 1 reacts to it. */
import type { V1Container } from '@kubernetes/client-node'
import { pages } from './case.ts'
import type { Case, Observations, Topic } from './case.ts'
import { atOnceMs, lateMs, wholeSecondMs } from '../stage/pod-ending.ts'
import { isBetween } from '../stage/expectation.ts'
import {
  buildContainer,
  findContainerStatus,
  createPod,
  deletePod,
  waitForPodRemoval,
  idleScript,
  gracefulScript,
  buildPodSpec,
  quitImage,
} from '../stage/pods.ts'
import type { CaseContext } from '../stage/case-context.ts'
import { followOutput } from '../refusals/container-output.ts'

const graceSeconds = 3
/** SIGKILL at the end of the grace period, which the kubelet counts in whole seconds, plus the time to report the pod's end. */
const isGracePeriodMs = isBetween(graceSeconds * 1000 - wholeSecondMs, graceSeconds * 1000 + 2 * lateMs)

/** Deletes a pod of one container once it is up; returns its output and how it ended. */
async function observeSignal(scene: CaseContext, spec: V1Container): Promise<Observations> {
  await createPod(scene, 'one', buildPodSpec([spec], { terminationGracePeriodSeconds: graceSeconds }))
  const voice = followOutput(scene, 'one', spec.name)
  const up = await voice.waitForLine('up')
  const deletedMs = await deletePod(scene, 'one')
  const last = await waitForPodRemoval(scene, 'one')
  await voice.waitForEnd()
  const answer = voice.lines.find(({ atMs }) => atMs > up.atMs)
  return {
    said: voice.lines.map(({ text }) => text),
    answerAfterMs: answer ? Math.round(answer.atMs - deletedMs) : null,
    goneAfterMs: Math.round(last.atMs - deletedMs),
    exitCode: findContainerStatus(last.pod, spec.name)?.state?.terminated?.exitCode ?? null,
  }
}

const trapEverySignal = ['TERM', 'QUIT', 'INT', 'HUP', 'USR1']
  .map((name) => `trap 'echo ${name}; exit 0' ${name}`)
  .join('; ')

function buildSignalCase(name: string, claim: string, spec: V1Container, expected: Case['expected']): Case {
  return { name, claim, source: pages.termination, observe: (scene) => observeSignal(scene, spec), expected }
}

const pythonProgram = `import signal, time
signal.signal(signal.SIGTERM, lambda *_: (print('TERM', flush=True), exit(0)))
print('up', flush=True)
while True: time.sleep(60)`

export const stopSignal: Topic = {
  topic: 'Stop signal and PID 1',
  cases: [
    buildSignalCase(
      'default-signal',
      'A container whose image names no stop signal gets TERM at once when there is no hook.',
      buildContainer('main', `${trapEverySignal}; ${idleScript}`),
      { said: ['up', 'TERM'], answerAfterMs: isBetween(0, atOnceMs), goneAfterMs: isBetween(0, 3000), exitCode: 0 },
    ),
    buildSignalCase(
      'image-stop-signal',
      'The image’s STOPSIGNAL takes the place of TERM.',
      buildContainer('main', `${trapEverySignal}; ${idleScript}`, { image: quitImage }),
      { said: ['up', 'QUIT'], answerAfterMs: isBetween(0, atOnceMs), exitCode: 0 },
    ),
    buildSignalCase(
      'exit-code-of-handler',
      'The exit code of a container that ends upon its stop signal is its own.',
      buildContainer('main', `trap 'exit 7' TERM; ${idleScript}`),
      { said: ['up'], exitCode: 7, goneAfterMs: isBetween(0, 3000) },
    ),
    buildSignalCase(
      'pid1-without-handler',
      'PID 1 ignores a signal for which it has no handler: the container runs until SIGKILL at the end of its grace period.',
      buildContainer('main', 'echo up; exec sleep infinity'),
      { said: ['up'], goneAfterMs: isGracePeriodMs, exitCode: 137 },
    ),
    buildSignalCase(
      'dash-c',
      'dash -c stays PID 1 and does not pass the signal on: its child runs until SIGKILL.',
      buildContainer('main', '', { command: ['dash', '-c', `bash -c "${gracefulScript}"; exit 0`] }),
      { said: ['up'], goneAfterMs: isGracePeriodMs, exitCode: 137 },
    ),
    buildSignalCase(
      'bash-c-execs',
      'bash -c executes its last command in its own place, so a simple command gets the signal.',
      buildContainer('main', '', { command: ['bash', '-c', `true; python3 -c "${pythonProgram}"`] }),
      { said: ['up', 'TERM'], answerAfterMs: isBetween(0, atOnceMs), exitCode: 0 },
    ),
    buildSignalCase(
      'bash-script-with-trap',
      'bash with a trap stays PID 1: what it has started does not get the signal.',
      buildContainer('main', '', {
        command: ['bash', '-c', `trap : USR1; python3 -c "${pythonProgram}"; exit 0`],
      }),
      { said: ['up'], goneAfterMs: isGracePeriodMs, exitCode: 137 },
    ),
    buildSignalCase(
      'exec-in-script',
      'A script that ends in exec hands its place as PID 1, and with it the signal, to the program.',
      buildContainer('main', `trap : USR1; exec python3 -c "${pythonProgram}"`),
      { said: ['up', 'TERM'], answerAfterMs: isBetween(0, atOnceMs), exitCode: 0 },
    ),
  ],
}
