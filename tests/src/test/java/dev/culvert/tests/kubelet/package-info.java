/** What plays the kubelet: its cgroups as it lays them out, its health probes as it makes them. */
package dev.culvert.tests.kubelet;
