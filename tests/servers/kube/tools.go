//go:build tools

// Package kube names the two programs that are built from this module.
// Without these imports `go build` could not find them in the module graph.
package kube

import (
	_ "go.etcd.io/etcd/server/v3"
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
)
