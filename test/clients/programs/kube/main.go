// Asks the cluster of the current context for its version, each time that a line comes in; prints a JSON line.
// It is client-go, which kubectl, helm and k9s are made of: it runs the user's plugin as they do.
package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"os"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

type said struct {
	Status int    `json:"status,omitempty"`
	Body   string `json:"body,omitempty"`
	Error  string `json:"error,omitempty"`
}

func main() {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, nil).ClientConfig()
	var client *http.Client
	if err == nil {
		client, err = rest.HTTPClientFor(config)
	}
	out := json.NewEncoder(os.Stdout)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		if err != nil {
			out.Encode(said{Error: err.Error()})
			continue
		}
		out.Encode(version(client, config.Host))
	}
}

func version(client *http.Client, host string) said {
	answer, err := client.Get(host + "/version")
	if err != nil {
		return said{Error: err.Error()}
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return said{Error: err.Error()}
	}
	return said{Status: answer.StatusCode, Body: string(body)}
}
