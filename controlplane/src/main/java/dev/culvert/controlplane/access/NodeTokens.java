// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.access;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.culvert.controlplane.state.ControlPlaneException;
import dev.culvert.controlplane.state.StateFolder;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One secret per node, in {@code nodes/NODE.token} of the state folder. The files are the truth:
 * one that is deleted lets no new call in after the next {@link #refresh}, and is made anew when
 * its node is still named.
 */
public final class NodeTokens implements Callers {
  private static final Logger LOG = LoggerFactory.getLogger(NodeTokens.class);
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Pattern NODE = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");
  private static final String FOLDER = "nodes";
  private static final String SUFFIX = ".token";

  /** 256 bits as base64url; a file with fewer was not written by us. */
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9_-]{43,128}");

  private final StateFolder state;
  private volatile Map<String, TokenDigest> digests = Map.of();

  /**
   * @throws ControlPlaneException when the folder of the tokens cannot be made
   */
  public NodeTokens(StateFolder state) {
    this.state = state;
    Path folder = state.file(FOLDER);
    try {
      Files.createDirectories(folder);
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    } catch (IOException e) {
      throw new ControlPlaneException(
          folder, "cannot be made (" + e + ")", "correct the permissions of its parent", e);
    }
  }

  /** The file whose content a proxy on the node presents. */
  public static Path file(Path stateFolder, String node) {
    return stateFolder.resolve(FOLDER).resolve(node + SUFFIX);
  }

  /**
   * Reads all tokens again and makes those of the named nodes that have none.
   *
   * @throws ControlPlaneException when a token cannot be written
   */
  public synchronized void refresh(Collection<String> nodes) {
    nodes.forEach(this::ensure);
    Map<String, TokenDigest> read = new HashMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(state.file(FOLDER), "*" + SUFFIX)) {
      files.forEach(file -> token(file).ifPresent(token -> read.put(node(file), token)));
    } catch (IOException e) {
      LOG.error("{}: cannot be listed ({}); the tokens read before stay", state.file(FOLDER), e);
      return;
    }
    digests = Map.copyOf(read);
  }

  @Override
  public String node(String token) throws RefusedCallerException {
    return find(token)
        .orElseThrow(
            () ->
                RefusedCallerException.unauthenticated(
                    "the bearer token is of no node; present nodes/NODE.token of the control"
                        + " plane's state folder"));
  }

  /** The node that a token was made for. Takes the same time for every wrong token. */
  Optional<String> find(String token) {
    TokenDigest presented = TokenDigest.of(token);
    String node = null;
    for (Map.Entry<String, TokenDigest> known : digests.entrySet()) {
      if (known.getValue().matches(presented)) {
        node = known.getKey();
      }
    }
    return Optional.ofNullable(node);
  }

  private void ensure(String node) {
    if (!NODE.matcher(node).matches()) {
      LOG.error(
          "node '{}' gets no token: the name is no DNS name in lower case; rename it",
          printable(node));
      return;
    }
    String name = FOLDER + "/" + node + SUFFIX;
    if (!Files.exists(state.file(name))) {
      byte[] secret = new byte[32];
      RANDOM.nextBytes(secret);
      state.writeSecret(
          name, Base64.getUrlEncoder().withoutPadding().encodeToString(secret) + "\n");
      LOG.info("made the token of node {}: {}", node, state.file(name));
    }
  }

  private static Optional<TokenDigest> token(Path file) {
    try {
      String text = Files.readString(file, US_ASCII).strip();
      if (TOKEN.matcher(text).matches()) {
        return Optional.of(TokenDigest.of(text));
      }
      LOG.error("{}: holds no token; delete it and a new one is made", file);
    } catch (IOException e) {
      LOG.error("{}: cannot be read ({}); delete it and a new one is made", file, e.toString());
    }
    return Optional.empty();
  }

  private static String node(Path file) {
    String name = file.getFileName().toString();
    return name.substring(0, name.length() - SUFFIX.length());
  }

  private static String printable(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }
}
