/** Named pipes for the output of containers. */
import { closeSync, constants, openSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { runChecked } from './command.ts'

/** A pipe with its reading end in this process. */
export interface Fifo {
  readonly reader: Socket
  /** The writing end, for one child to inherit. */
  readonly writer: number
  /** Closes the writing end here, once the child has its own copy. */
  handedOver(): void
  /** Waits until every writer has closed it, at most `limitMs`. Only then is the pipe reused. */
  drained(limitMs: number): Promise<void>
}

const batch = 16

/**
 * Node makes socket pairs for piped output, and opening /dev/stdout on a socket fails with ENXIO: `access_log /dev/stdout` needs a pipe, as
 * from container runtimes. Node cannot call pipe(2), so the pipes have names. Making one costs a process, so several are made at a time, and
 * they are reused.
 */
export class FifoPool {
  readonly #directory: string
  readonly #free: string[] = []
  #made = 0
  #making: Promise<void> = Promise.resolve()

  constructor(directory: string) {
    this.#directory = directory
  }

  async take(): Promise<Fifo> {
    for (;;) {
      const path = this.#free.pop()
      if (path !== undefined) return this.#open(path)
      this.#making = this.#making.then(() => this.#make())
      await this.#making
    }
  }

  #open(path: string): Fifo {
    // Without O_NONBLOCK the reading end would wait for a writer; without a writer it would reach its end at once.
    const readingEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const writer = openSync(path, constants.O_WRONLY)
    const reader = new Socket({ fd: readingEnd, writable: false })
    const closed = new Promise<boolean>((resolve) => reader.once('close', () => resolve(true)))
    reader.on('error', () => undefined)
    return {
      reader,
      writer,
      handedOver: () => closeSync(writer),
      drained: async (limitMs) => {
        if (await Promise.race([closed, sleep(limitMs, false)])) this.#free.push(path)
        else {
          reader.destroy()
          await rm(path, { force: true })
        }
      },
    }
  }

  async #make(): Promise<void> {
    if (this.#free.length > 0) return
    const paths = Array.from({ length: batch }, () => join(this.#directory, String(this.#made++)))
    // For every user: the process that opens /dev/stdout runs as another user.
    await runChecked(['mkfifo', '--mode=666', ...paths])
    this.#free.push(...paths)
  }
}
