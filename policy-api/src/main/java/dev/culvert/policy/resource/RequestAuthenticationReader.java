// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

/** Reads and checks RequestAuthentication. */
final class RequestAuthenticationReader {
  private RequestAuthenticationReader() {}

  static RequestAuthentication read(ObjectMeta metadata, ObjectReader object) {
    object.know("status");
    ObjectReader spec = object.object("spec");
    PolicyTargets targets = PolicyTargets.read(spec, metadata.namespace());
    return new RequestAuthentication(
        metadata,
        targets.selector(),
        targets.refs(),
        spec.objects("jwtRules").stream().map(JwtRuleReader::read).toList());
  }
}
