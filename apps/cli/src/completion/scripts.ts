/** The script that each shell runs once. It asks `gradsmith __complete` for candidates. */
export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

export const scripts: Record<Shell, string> = {
  bash: `# Completion of gradsmith for bash. In ~/.bashrc: source <(gradsmith completion bash)
_gradsmith() {
  local line value
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :files)
        compopt -o filenames 2>/dev/null
        while IFS= read -r value; do
          COMPREPLY+=("$value")
        done < <(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}") ;;
      :nofiles) ;;
      *) COMPREPLY+=("\${line%%$'\\t'*}") ;;
    esac
  done < <(gradsmith __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _gradsmith gradsmith
`,
  zsh: `#compdef gradsmith
# Completion of gradsmith for zsh. In ~/.zshrc, after compinit: source <(gradsmith completion zsh)
_gradsmith() {
  local line value description files=
  local -a found
  while IFS= read -r line; do
    case $line in
      :files) files=1 ;;
      :nofiles) ;;
      *)
        value=\${line%%$'\\t'*}; description=\${line#*$'\\t'}
        found+=("\${value//:/\\\\:}\${description:+:$description}") ;;
    esac
  done < <(gradsmith __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( \${#found} )) && _describe gradsmith found
  [[ -n $files ]] && _files
}
compdef _gradsmith gradsmith
`,
  fish: `# Completion of gradsmith for fish. Once: gradsmith completion fish > ~/.config/fish/completions/gradsmith.fish
function __gradsmith_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in (gradsmith __complete -- $words[2..-1] 2>/dev/null)
        switch $line
            case :files
                __fish_complete_path (commandline -ct)
            case :nofiles
            case '*'
                echo $line
        end
    end
end
complete -c gradsmith -f -a '(__gradsmith_complete)'
`,
};
