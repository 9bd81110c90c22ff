// The manifests of a folder as one view: what each file said when it was last acceptable. No
// threads, no watching; one thread.
#pragma once

#include "controller/objects/objects.h"
#include "controller/objects/parse.h"
#include "controller/objects/source.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace ropewalk::controller::kube {

class Folder {
 public:
  explicit Folder(std::string path) : path_(std::move(path)) {}

  // Reads *.yaml, *.yml and *.json (not those that begin with a dot). A file that is not
  // acceptable keeps what it said before; a file that is gone takes its objects along. A folder
  // that cannot be read keeps everything. True if the objects differ from the last time.
  bool read();

  const ObjectSet& objects() const { return objects_; }
  // "shop.yaml: document 2, line 7: ...". The first one where a name is in two files.
  const std::vector<SourceProblem>& problems() const { return problems_; }
  // Whether only EndpointSlices changed in the last read().
  bool only_endpoints() const { return only_endpoints_; }

 private:
  struct File {
    std::string text;  // as last read, acceptable or not
    std::vector<Object> objects;
    std::string problem;
  };

  bool read_file_of(const std::string& name, File& file);
  ObjectSet collect();

  std::string path_;
  std::map<std::string, File> files_;
  ObjectSet objects_;
  std::vector<SourceProblem> problems_;
  bool only_endpoints_ = false;
};

}  // namespace ropewalk::controller::kube
