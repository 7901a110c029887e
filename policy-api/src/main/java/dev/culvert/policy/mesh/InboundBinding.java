// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.mesh;

import dev.culvert.policy.resource.GatewayResource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How the pods of a waypoint take what the node's proxy carried to them, where they leave tunnels
 * to it: by the PROXY protocol.
 *
 * @param port where, 1 to 65535; empty for the port that was asked for
 */
public record InboundBinding(OptionalInt port) {
  /** The annotation of a Gateway that says so, ours before Istio's: {@code PROXY/15088}. */
  public static final List<String> ANNOTATIONS =
      List.of("culvert.dev/waypoint-inbound-binding", "ambient.istio.io/waypoint-inbound-binding");

  private static final Pattern FORM = Pattern.compile("PROXY(?:/([1-9][0-9]{0,4}))?");
  private static final int MOST = 65_535;

  /** What the annotation says; empty when there is none, or none that can be read. */
  public static Optional<InboundBinding> of(GatewayResource waypoint) {
    return written(waypoint).flatMap(InboundBinding::read);
  }

  /** What is wrong with the annotation. */
  public static Optional<String> problem(GatewayResource waypoint) {
    return written(waypoint)
        .filter(text -> read(text).isEmpty())
        .map(
            text ->
                "annotation %s is '%s', which binds nothing: write PROXY or PROXY/PORT"
                    .formatted(ANNOTATIONS.getFirst(), text));
  }

  private static Optional<String> written(GatewayResource waypoint) {
    return ANNOTATIONS.stream()
        .flatMap(name -> waypoint.metadata().annotation(name).stream())
        .findFirst();
  }

  private static Optional<InboundBinding> read(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      return Optional.empty();
    }
    if (form.group(1) == null) {
      return Optional.of(new InboundBinding(OptionalInt.empty()));
    }
    int port = Integer.parseInt(form.group(1));
    return port > MOST ? Optional.empty() : Optional.of(new InboundBinding(OptionalInt.of(port)));
  }
}
