/**
 * Whose connections are health probes. Enters: the cgroup of the kubelet, named or found by its
 * process. Leaves: the program that notes what that group opens, tied to it on the thread "probe
 * cgroup", and to it anew whenever systemd makes it anew.
 */
package dev.culvert.agent.probes;
