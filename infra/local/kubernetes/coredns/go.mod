// The lab's cluster DNS: CoreDNS with only the plugins its Corefile names.
module greenroom.dev/infra/local/coredns

go 1.25.0

require github.com/coredns/coredns v1.14.7
