# SPDX-License-Identifier: MIT
"""The blob storage of the stand-in for Azure Machine Learning (azureml_service.py)."""

import os
import re
import sys
import urllib.parse

FOLDER = sys.argv[1]
DATE = "Sun, 29 Nov 2026 00:00:00 GMT"

blob_metadata = {}


def blob_file(path):
    return os.path.join(FOLDER, "blobs", os.path.normpath("/" + path).lstrip("/"))


class Store:
    """The job's output `run` is run/ of FOLDER; uploads are kept in blobs/."""

    def datastore(self, path):
        if path.endswith("/listsecrets"):
            return self.answer(200, {"secretsType": "AccountKey", "key": "a2V5"})
        name = "workspaceblobstore"
        store = {"id": path.split("/datastores")[0] + "/datastores/" + name, "name": name,
                 "properties": {"datastoreType": "AzureBlob", "accountName": "account",
                                "containerName": "store", "protocol": "https",
                                "isDefault": True,
                                "endpoint": urllib.parse.urlsplit(self.base).netloc,
                                "credentials": {"credentialsType": "AccountKey"}}}
        every = path.endswith("/datastores")
        return self.answer(200, {"value": [store]} if every else store)

    def blob(self, path, query, content):
        file, common = blob_file(path), {"ETag": '"1"', "Last_Modified": DATE}
        if query.get("comp") == ["list"]:
            return self.blobs(query.get("prefix", [""])[0])
        if self.command == "PUT" and query.get("comp") == ["metadata"]:
            blob_metadata[path] = {name: value for name, value in self.headers.items()
                                   if name.lower().startswith("x-ms-meta-")}
            return self.answer(200, **common)
        if self.command == "PUT":
            os.makedirs(os.path.dirname(file), exist_ok=True)
            with open(file, "wb") as out:
                out.write(content)
            return self.answer(201, **common, x_ms_request_server_encrypted="true")
        if path.startswith("store/azureml/"):
            file = os.path.join(FOLDER, "run", path.split("/run/", 1)[-1])
        if not os.path.isfile(file):
            return self.answer(404, x_ms_error_code="BlobNotFound")
        with open(file, "rb") as source:
            whole = source.read()
        first, last = 0, len(whole) - 1
        asked = self.headers.get("x-ms-range") or self.headers.get("Range") or ""
        wanted = re.match(r"bytes=(\d+)-(\d+)", asked)
        if wanted:
            first, last = int(wanted[1]), min(int(wanted[2]), last)
            common["Content_Range"] = f"bytes {first}-{last}/{len(whole)}"
        self.answer(206 if wanted else 200, whole[first:last + 1],
                    kind="application/octet-stream", x_ms_blob_type="BlockBlob", **common,
                    **blob_metadata.get(path, {}))

    def blobs(self, prefix):
        """The files of run/, below the folder of any job output of that name."""
        inside = re.match(r"azureml/[^/]+/run/?$", prefix)
        listing = ""
        for root, _, files in os.walk(os.path.join(FOLDER, "run")) if inside else ():
            for name in files:
                path = os.path.join(root, name)
                inner = os.path.relpath(path, os.path.join(FOLDER, "run"))
                listing += (
                    f"<Blob><Name>{prefix.rstrip('/')}/{inner}</Name><Properties>"
                    f"<Last-Modified>{DATE}</Last-Modified><Etag>1</Etag>"
                    f"<Content-Length>{os.path.getsize(path)}</Content-Length>"
                    "<BlobType>BlockBlob</BlobType></Properties></Blob>")
        whole = ('<?xml version="1.0" encoding="utf-8"?><EnumerationResults><Blobs>'
                 f"{listing}</Blobs><NextMarker/></EnumerationResults>")
        self.answer(200, whole.encode(), kind="application/xml")
