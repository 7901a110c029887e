// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What stands in for a policy of which nothing good is known: it forbids all that the policy could
 * have been there to forbid, to those it applies to, as far as that can be read.
 */
final class ClosedPolicy {
  private static final Pattern SPEC_OR_ITS_FIELD = Pattern.compile("|spec(\\.[^.\\[]+)?");
  private static final AuthorizationRule EVERYTHING =
      new AuthorizationRule(List.of(), List.of(), List.of());

  private final List<ResourceError> errors;

  private ClosedPolicy(List<ResourceError> errors) {
    this.errors = errors;
  }

  /**
   * Empty for what is no policy: nothing is open because it is not there.
   *
   * @param read what was read beside the errors
   */
  static Optional<Resource> of(Resource read, List<ResourceError> errors) {
    ClosedPolicy closed = new ClosedPolicy(errors);
    return switch (read) {
      case AuthorizationPolicy policy -> Optional.of(closed.policy(policy));
      case PeerAuthentication policy -> Optional.of(closed.policy(policy));
      case RequestAuthentication policy -> Optional.of(closed.policy(policy));
      case BackendTlsPolicyResource policy -> Optional.of(policy.closed());
      default -> Optional.empty();
    };
  }

  /** An ALLOW lets nobody in any more, beside whom others allow; all else denies. */
  private AuthorizationPolicy policy(AuthorizationPolicy read) {
    boolean allow = read.action() == AuthorizationPolicy.Action.ALLOW && isActionSure();
    boolean scoped = isSound("spec.selector") && isSound("spec.targetRef");
    return new AuthorizationPolicy(
        read.metadata(),
        scoped ? read.selector() : Map.of(),
        scoped ? read.targetRefs() : List.of(),
        allow ? AuthorizationPolicy.Action.ALLOW : AuthorizationPolicy.Action.DENY,
        Optional.empty(),
        allow ? List.of() : List.of(EVERYTHING));
  }

  private PeerAuthentication policy(PeerAuthentication read) {
    Map<String, String> selector = isSound("spec.selector") ? read.selector() : Map.of();
    return new PeerAuthentication(
        read.metadata(), selector, PeerAuthentication.Mode.STRICT, Map.of());
  }

  /** No token is good any more. */
  private RequestAuthentication policy(RequestAuthentication read) {
    boolean scoped = isSound("spec.selector") && isSound("spec.targetRef");
    return new RequestAuthentication(
        read.metadata(),
        scoped ? read.selector() : Map.of(),
        scoped ? read.targetRefs() : List.of(),
        List.of(JwtRule.CLOSED));
  }

  private boolean isSound(String field) {
    return errors.stream().noneMatch(error -> error.field().startsWith(field));
  }

  /** An unknown field of the spec may be a misspelt action. */
  private boolean isActionSure() {
    return errors.stream().noneMatch(error -> SPEC_OR_ITS_FIELD.matcher(error.field()).matches());
  }
}
