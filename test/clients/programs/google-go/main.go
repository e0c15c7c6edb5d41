// Gets a token with Google's default credentials, each time that a line comes in; prints a JSON line.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"os"

	"cloud.google.com/go/compute/metadata"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
)

type said struct {
	Token    string `json:"token,omitempty"`
	Identity string `json:"identity,omitempty"`
	Project  string `json:"project,omitempty"`
	OnGCE    bool   `json:"onGCE"`
	Error    string `json:"error,omitempty"`
}

func main() {
	var source oauth2.TokenSource
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		answer := said{OnGCE: metadata.OnGCE()}
		if err := answer.get(&source, lines.Text()); err != nil {
			answer.Error = err.Error()
		}
		json.NewEncoder(os.Stdout).Encode(answer)
	}
}

func (s *said) get(source *oauth2.TokenSource, audience string) (err error) {
	if audience != "" {
		path := "instance/service-accounts/default/identity?format=full&audience=" + audience
		s.Identity, err = metadata.GetWithContext(context.Background(), path)
		return err
	}
	if *source == nil {
		credentials, err := google.FindDefaultCredentials(context.Background(), "https://www.googleapis.com/auth/cloud-platform")
		if err != nil {
			return err
		}
		*source = credentials.TokenSource
		s.Project = credentials.ProjectID
	}
	token, err := (*source).Token()
	if err == nil {
		s.Token = token.AccessToken
	}
	return err
}
