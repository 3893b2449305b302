/** `nodrop completion bash|zsh|fish`: a script that completes commands, options and their values, made from the commands themselves. */
import { Argument } from 'commander'
import type { Command } from 'commander'
import { printDocument } from '../../terminal/print.ts'
import { renderBashScript } from './bash-script.ts'
import { describeCommands } from './command-tree.ts'
import { renderFishScript } from './fish-script.ts'
import { renderZshScript } from './zsh-script.ts'

const renderers = { bash: renderBashScript, zsh: renderZshScript, fish: renderFishScript }

const usage = `
Where to put it:
  bash  eval "$(nodrop completion bash)"      in ~/.bashrc
  zsh   eval "$(nodrop completion zsh)"       in ~/.zshrc, after compinit
  fish  nodrop completion fish > ~/.config/fish/completions/nodrop.fish`

/** The script covers the commands that the program has by then. */
export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .description('print a script that completes commands and options in a shell')
    .addArgument(new Argument('<shell>', 'whose script').choices(Object.keys(renderers)))
    .addHelpText('after', usage)
    .action((shell: keyof typeof renderers) => printDocument(renderers[shell](describeCommands(program))))
}
