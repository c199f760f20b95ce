#include "completion.h"

#include <stddef.h>

#include "text.h"

/* Not compgen -W: it would expand $(..) in the names it is given, and names come from databases. */
static const char bash[] =
    "# bash completion for amx; load it with: source <(amx completion bash)\n"
    "_amx() {\n"
    "    local word\n"
    "    COMPREPLY=()\n"
    "    while IFS= read -r word; do\n"
    "        [[ $word == \"$2\"* ]] && COMPREPLY+=(\"$(printf %q \"$word\")\")\n"
    "    done < <(\"$1\" __complete -- \"${COMP_WORDS[@]:1:COMP_CWORD}\" 2>/dev/null)\n"
    "}\n"
    "complete -o default -F _amx amx\n";

static const char zsh[] = "#compdef amx\n"
                          "# zsh completion for amx; load it with: source <(amx completion zsh)\n"
                          "_amx() {\n"
                          "    local -a candidates\n"
                          "    candidates=(\"${(@f)$(\"${words[1]}\" __complete -- "
                          "\"${(@)words[2,CURRENT]}\" 2>/dev/null)}\")\n"
                          "    candidates=(\"${(@)candidates:#}\")\n"
                          "    if (( ${#candidates} )); then\n"
                          "        compadd -a candidates\n"
                          "    else\n"
                          "        _files\n"
                          "    fi\n"
                          "}\n"
                          "if [ \"$funcstack[1]\" = _amx ]; then\n"
                          "    _amx \"$@\"\n"
                          "else\n"
                          "    compdef _amx amx\n"
                          "fi\n";

static const char fish[] = "# fish completion for amx; load it with: amx completion fish | source\n"
                           "function __amx_complete\n"
                           "    set -l words (commandline -opc)\n"
                           "    set -l current (commandline -ct)\n"
                           "    set -l candidates ($words[1] __complete -- $words[2..-1] \"$current\" "
                           "2>/dev/null)\n"
                           "    if set -q candidates[1]\n"
                           "        printf '%s\\n' $candidates\n"
                           "    else\n"
                           "        __fish_complete_path \"$current\"\n"
                           "    end\n"
                           "end\n"
                           "complete -c amx -f -a '(__amx_complete)'\n";

const char *completion_script(const char *shell)
{
    static const struct {
        const char *shell;
        const char *script;
    } scripts[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        if (text_equal(scripts[i].shell, shell)) {
            return scripts[i].script;
        }
    }
    return NULL;
}
