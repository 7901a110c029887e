/**
 * eBPF through libbpf. A {@link dev.culvert.linux.bpf.BpfObjectSpec} is pure data read from an
 * object file; a {@link dev.culvert.linux.bpf.BpfObject} is what the kernel made of it; a {@link
 * dev.culvert.linux.bpf.BpfLink} ties one of its programs to a cgroup or a network namespace. Every
 * handle is a descriptor and is closed by its owner; pins outlive the process. Any thread; calls
 * block for as long as the kernel needs.
 */
package dev.culvert.linux.bpf;
