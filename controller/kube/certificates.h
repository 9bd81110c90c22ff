// The certificates of the stream between controller and data planes: which Secrets to write,
// decided by a function of what is stored and of the time.
//
// Secret `<release>-ca`: tls.crt, tls.key (newest CA), previous.crt, previous.key (the one before,
// until it expires), ca.crt (both). `<release>-controller-tls`, `<release>-dataplane-tls`: tls.crt,
// tls.key, ca.crt. All of type kubernetes.io/tls.
//
// A CA lives for a year, a leaf for 90 days; both are renewed at two thirds. A new CA is trusted
// everywhere for an hour before it signs anything, so that no side meets a certificate whose CA it
// has not been given yet.
#pragma once

#include "common/error.h"
#include "controller/kube/times.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ropewalk::controller::kube {

struct StoredSecret {
  std::string name;
  std::string resource_version;             // "" = does not exist: POST, else PUT
  std::map<std::string, std::string> data;  // decoded
  // Labels, annotations, owners and finalizers, which others may have set and which a PUT has to
  // send back: an object of JSON as the API has it, "" for none.
  std::string kept_metadata;
};

struct CertificateNames {
  std::string release;
  std::string namespace_;

  std::string ca() const { return release + "-ca"; }
  std::string controller() const { return release + "-controller-tls"; }
  std::string data_plane() const { return release + "-dataplane-tls"; }
  // What data planes expect to reach.
  std::string server_name() const { return release + "-controller." + namespace_ + ".svc"; }
};

// As read; absent ones have resource_version "".
struct StoredCertificates {
  StoredSecret ca;
  StoredSecret controller;
  StoredSecret data_plane;
};

// The Secrets to write, with all of their data; empty if everything is well. The same call with the
// result stored plans nothing.
Result<std::vector<StoredSecret>> plan_certificates(const StoredCertificates& stored,
                                                    const CertificateNames& names, WallTime now);

// Body of a Secret for POST or PUT, and what an answer of the API holds.
std::string secret_body(const StoredSecret& secret, const std::string& namespace_);
Result<StoredSecret> parse_secret(std::string_view body);

}  // namespace ropewalk::controller::kube
