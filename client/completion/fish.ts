export const fishScript = `# Completion of atmosctl in fish.

function __atmosctl_complete
    set -l words (commandline -opc)
    set -e words[1]
    set -l current (commandline -ct)
    set -l reply (command atmosctl __complete fish '' $words "$current" 2>/dev/null)
    test (count $reply) -gt 0; or return
    set -l what (string split ' ' -- $reply[1])
    set -e reply[1]
    switch $what[1]
        case names
            test (count $reply) -gt 0; and printf '%s\\n' $reply
        case files directories
            set -l before (string sub -l $what[2] -- $current)
            set -l value (string sub -s (math $what[2] + 1) -- $current)
            set -l paths
            if test $what[1] = files
                set paths (__fish_complete_path "$value")
            else
                set paths (__fish_complete_directories "$value")
            end
            test (count $paths) -gt 0; and printf "$before%s\\n" $paths
        case command
            set -l program
            test $what[2] -lt (count $words); and set program (string escape -- $words[(math $what[2] + 1)..-1])
            complete -C (string join ' ' -- $program "$current")
    end
end

complete -c atmosctl -f -k -a '(__atmosctl_complete)'
`
