/**
 * Others' surroundings for our ztunnel: what plays istiod and istio-cni, or Cilium's agent, and a
 * container as the chart's DaemonSet makes it.
 */
package dev.culvert.tests.istio;
