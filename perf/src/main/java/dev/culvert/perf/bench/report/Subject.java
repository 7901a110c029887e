// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.report;

import java.util.List;

/** What a run compares. */
public enum Subject {
  /** Ways from node to node. */
  TUNNELS(
      "Culvert side by side",
      "direct",
      "direct TCP",
      """
      Client and its proxy share one core, server and its proxy another; one veth pair joins them. One worker for each
      proxy, TLS 1.3 with AES-GCM and P-256 certificates on both ends, Reno inside the namespaces."""),
  /** Reverse proxies. */
  DOORS(
      "Culvert's front door side by side",
      "nginx",
      "nginx",
      """
      The door has one core for itself, with one worker; the load, and the nginx that answers behind the door, share the
      other. Connections to the server are kept, every request is logged to a file, TLS 1.3 with P-256 certificates on
      both ends.""");

  private final String title;
  private final String base;
  private final String baseTitle;
  private final String setting;

  Subject(String title, String base, String baseTitle, String setting) {
    this.title = title;
    this.base = base;
    this.baseTitle = baseTitle;
    this.setting = setting;
  }

  String title() {
    return title;
  }

  /** What Culvert is to reach in it. */
  List<Goal> goals() {
    return this == TUNNELS ? Goal.TUNNELS : Goal.DOORS;
  }

  /** The lane that ratios are to. */
  String base() {
    return base;
  }

  String baseTitle() {
    return baseTitle;
  }

  /** What holds for every lane, for the reader. */
  String setting() {
    return setting;
  }
}
